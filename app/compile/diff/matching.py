"""Which things of the old layer are which of the new one: by name, else by an equal definition under another name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Matched(Generic[T]):
    """Pairs of equal name, pairs of equal definition under another name, and what stands alone; `reordered` says that what both have lies otherwise."""

    same: tuple[tuple[T, T], ...]
    renamed: tuple[tuple[T, T], ...]
    removed: tuple[T, ...]
    added: tuple[T, ...]
    reordered: bool = False


def match(
    old: Iterable[T],
    new: Iterable[T],
    name: Callable[[T], str],
    old_meaning: Callable[[T], Hashable] | None = None,
    new_meaning: Callable[[T], Hashable] | None = None,
) -> Matched[T]:
    """Match by `name`, then what is left by what it means (None means nothing, and matches nothing); of several that mean the same, those whose names
    are most alike belong together."""
    before, after = _named(old, name), _named(new, name)
    shared = [key for key in before if key in after]
    gone = [key for key in before if key not in after]
    come = [key for key in after if key not in before]
    renamed: list[tuple[T, T]] = []
    if gone and come and old_meaning is not None:
        for left, right in _alike(gone, come, before, after, old_meaning, new_meaning or old_meaning):
            renamed.append((before[left], after[right]))
            gone.remove(left)
            come.remove(right)
    return Matched(
        tuple((before[key], after[key]) for key in shared),
        tuple(renamed),
        tuple(before[key] for key in gone),
        tuple(after[key] for key in come),
        shared != [key for key in after if key in before],
    )


def _named(items: Iterable[T], name: Callable[[T], str]) -> dict[tuple[str, int], T]:
    """The items by name; a name that stands twice is told apart by its number."""
    found: dict[tuple[str, int], T] = {}
    for item in items:
        key, number = name(item), 0
        while (key, number) in found:
            number += 1
        found[key, number] = item
    return found


_Key = tuple[str, int]


def _alike(
    gone: list[_Key],
    come: list[_Key],
    before: dict[_Key, T],
    after: dict[_Key, T],
    old_meaning: Callable[[T], Hashable],
    new_meaning: Callable[[T], Hashable],
) -> list[tuple[_Key, _Key]]:
    by_meaning: dict[Hashable, list[_Key]] = defaultdict(list)
    for key in come:
        meaning = new_meaning(after[key])
        if meaning is not None:
            by_meaning[meaning].append(key)
    ways = [
        (-SequenceMatcher(None, left[0], right[0]).ratio(), left, right)
        for left in gone
        for right in by_meaning.get(old_meaning(before[left]), ())
    ]
    taken: set[tuple[str, _Key]] = set()
    pairs = []
    for _, left, right in sorted(ways):
        if ("old", left) not in taken and ("new", right) not in taken:
            taken |= {("old", left), ("new", right)}
            pairs.append((left, right))
    return pairs
