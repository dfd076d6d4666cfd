"""What a table of a shaped query is computed over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.model.expr import Expr
from app.model.metrics import Window
from app.model.query import GroupBy, TimeRange


@dataclass(frozen=True, slots=True)
class View:
    """Group-by items with their grains settled, the filter of rows, and the range. `rest` is the further filter of rows that belong to none of the first groups."""

    keys: tuple[GroupBy, ...]
    where: Expr | None = None
    time: TimeRange | None = None
    rest: Expr | None = None

    def by(self, columns: frozenset[str], *, rest: bool) -> View:
        """The view by those of its items that have one of these column names; its `rest` only where it still matters."""
        return replace(self, keys=tuple(key for key in self.keys if key.column in columns), rest=self.rest if rest else None)


@dataclass(frozen=True, slots=True)
class Look:
    """From where a metric is looked at: the windows by which comparisons above it go back, the outermost first."""

    back: tuple[Window, ...] = ()

    def further(self, window: Window) -> Look:
        """One comparison further back."""
        return Look((*self.back, window))


NOW = Look()
"""Where nothing is compared."""
