"""What the interpreter needs to know of joins: which dimensions a set of metrics can be grouped and filtered by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class Reach(Protocol):
    """The part of `JoinGraph` that the language room uses."""

    def compatible_dimensions(self, metrics: Sequence[str]) -> Iterable[str]:
        """Dunder names of the group-by items that every one of the metrics can be grouped by."""

    def whole_name(self, metrics: Sequence[str], name: str) -> str:
        """The name that says the whole way to what a group-by item means for all of the metrics."""
