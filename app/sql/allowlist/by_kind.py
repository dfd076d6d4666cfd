"""What holds of a whole class of nodes, found out once for each class."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlglot import exp

V = TypeVar("V")


class ByKind(dict[type[exp.Expr], V]):
    """`by_kind[type(node)]` is what `of` says of that class; it is asked at the first node of the class, and depends on nothing else."""

    def __init__(self, of: Callable[[type[exp.Expr]], V]) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, kind: type[exp.Expr]) -> V:
        self[kind] = found = self._of(kind)
        return found
