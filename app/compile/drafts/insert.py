"""Puts keys and list items into YAML that people wrote, line by line: everything else stays as it was, comments and all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.compile.drafts.noted import Item, Part, Section, item_lines, written
from app.compile.emit.yaml_text import Data, dump
from app.compile.locations import LocationIndex
from app.compile.unified import is_of_plain_lines


class NoPlace(Exception):
    """The text has no place where it could be put: it is not there, or is written on one line."""


@dataclass(slots=True)
class Additions:
    """Insertions into one file, applied at once: places are those of the text as it was."""

    file: str
    locations: LocationIndex
    _after: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    _within: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def lines(self) -> list[str]:
        """The file as it is."""
        return self.locations.files[self.file].splitlines()

    def keys(self, thing: str, parts: Sequence[Part]) -> None:
        """Add keys to the mapping of that location key, below its name. Raises NoPlace where the file does not have it."""
        line, column = self._place(thing)
        if self._is_flow(line, column):
            for part in parts:
                if part.sure and isinstance(part.data, dict):
                    self._within[line].append((column, "".join(f"{key}: {_flow(value)}, " for key, value in part.data.items())))
            return
        name, _ = self._place(thing, "name")
        pad = " " * (column - 1)
        for part in parts:
            self._after[name] += [f"{pad}# {why}" for why in part.why.splitlines()]
            lines = [pad + text for text in dump(part.data).splitlines()]
            self._after[name] += lines if part.sure else [f"{pad}# {text[len(pad) :]}" for text in lines]

    def items(self, thing: str, section: str, items: Sequence[Item]) -> None:
        """Add items to a list of the mapping of that location key, first; the list is made where there is none. Raises NoPlace where the mapping, or a
        list of it, is written on one line."""
        if not items:
            return
        line, column = self._place(thing)
        if self._is_flow(line, column):
            raise NoPlace
        if not self._has(thing, section):
            self._after[self._place(thing, "name")[0]] += written([Section(section, items)], column - 1)
            return
        first, indent = self._place(thing, section)
        if not self.lines[first - 1].lstrip().startswith("-"):
            raise NoPlace
        self._after[first - 1] += [text for item in items for text in item_lines(item, indent - 1)]

    def has(self, thing: str) -> bool:
        """Whether the file has the thing, and is of plain lines: other ends of lines would be lost."""
        where = self.locations.where(thing, self.file)
        text = self.locations.files.get(self.file, "")
        return where is not None and where.line > 0 and is_of_plain_lines(text)

    def text(self) -> str:
        """The file with all that was added."""
        found = []
        for number, line in enumerate(["", *self.lines]):
            for column, added in sorted(self._within.get(number, ()), reverse=True):
                line = f"{line[:column]}{added}{line[column:]}"  # noqa: PLW2901 - the line grows
            found += [line] if number else []
            found += self._after.get(number, ())
        return "\n".join(found) + "\n"

    def _place(self, thing: str, path: str = "") -> tuple[int, int]:
        where = self.locations.where(thing, self.file, path)
        if where is None or not where.line:
            raise NoPlace
        return where.line, where.column

    def _has(self, thing: str, section: str) -> bool:
        return self._place(thing, section) != self._place(thing)

    def _is_flow(self, line: int, column: int) -> bool:
        return self.lines[line - 1][column - 1 : column] == "{"


def _flow(value: Data) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return dump(value, whole=True).strip()
