"""YAML with comments: what is certain is written, what is guessed is written commented out, and each says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from app.compile.emit.yaml_text import Data, dump


@dataclass(frozen=True, slots=True)
class Part:
    """An item of a list; `why` stands above it, and it is commented out where it is not `sure`."""

    data: Data
    why: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """An item of a list that holds lists: `head` first, then the lists."""

    head: Mapping[str, Data]
    sections: Sequence[Section] = field(default=())
    why: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A key with a list."""

    key: str
    items: Sequence[Item]

    @property
    def sure(self) -> bool:
        """Whether anything in it is written; a key with nothing but comments below it would be null."""
        return any(item.sure for item in self.items)


Item: TypeAlias = Part | Group


def written(sections: Sequence[Section], indent: int = 0) -> list[str]:
    """The lines of a mapping of lists. Sections without items are left out."""
    return [line for section in sections if section.items for line in _section(section, indent)]


def item_lines(item: Item, indent: int) -> list[str]:
    """The lines of one item of a list at an indentation."""
    pad = " " * indent
    if isinstance(item, Part):
        body = dump([item.data]).splitlines()
    else:
        body = dump([item.head]).splitlines()
        body += written(item.sections, 2)
    why = [f"{pad}# {line}" for line in item.why.splitlines()]
    lines = [pad + line if line else "" for line in body]
    return [*why, *(lines if item.sure else _commented(lines, indent))]


def _section(section: Section, indent: int) -> Iterator[str]:
    lines = [f"{' ' * indent}{section.key}:"]
    for number, item in enumerate(section.items):
        lines += [""] if number and isinstance(item, Group) else []
        lines += item_lines(item, indent + 2)
    yield from lines if section.sure else _commented(lines, indent)


def _commented(lines: Sequence[str], indent: int) -> list[str]:
    """The lines as comments from the indentation on; those that are comments already stay as they are."""
    pad = " " * indent
    return [line if not line or line.lstrip().startswith("#") else f"{pad}# {line[indent:]}" for line in lines]
