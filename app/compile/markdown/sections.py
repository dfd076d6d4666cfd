"""Parts of a comment, of which as many entries are kept as a comment may hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST = 60_000
"""Characters; GitHub takes 65,536 in a comment."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part: what stands before its entries and after them stands in any case; an entry, which is some lines, stands whole or not at all."""

    head: Sequence[str] = ()
    items: Sequence[Sequence[str]] = ()
    foot: Sequence[str] = ()


def fitted(sections: Iterable[Section], *, rest: str) -> str:
    """The sections as one text. Entries that would make it too long are left out, and `rest` says where all of them are."""
    lines: list[str] = []
    given = list(sections)
    size = sum(len(line) + 1 for section in given for line in (*section.head, *section.foot))
    left_out = 0
    for section in given:
        lines += section.head
        for item in section.items:
            length = sum(len(line) + 1 for line in item)
            if size + length <= LONGEST:
                size += length
                lines += item
            else:
                left_out += 1
        lines += section.foot
    if left_out:
        lines += [f"_{left_out} entries are left out: the report is longer than a comment may be. {rest}_", ""]
    return "\n".join(lines).rstrip("\n") + "\n"
