"""An object as a key, by what it is and not by what it holds."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """The same object is the same key, so that no query pays for hashing a whole layer or all rights of somebody. Who keeps the key keeps the object, so
    that nothing else can take its place in memory; only frozen objects are given."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it
