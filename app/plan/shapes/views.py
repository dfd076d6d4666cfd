"""What a table of a shaped query is computed over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from app.model.expr import Expr
from app.model.metrics import Window
from app.model.query import GroupBy, TimeRange


@dataclass(frozen=True, slots=True)
class View:
    """Group-by items with their grains settled, the filter of rows, and the range.

    `rest` is the further filter of rows that belong to none of the first groups; `lumped` are the columns of the items that made these, and
    `lumped_times` says whether times are among them. `until` is the day to which periods count, where the query names one. `asked` is the query's own
    range, where `time` begins before it.
    """

    keys: tuple[GroupBy, ...]
    where: Expr | None = None
    time: TimeRange | None = None
    rest: Expr | None = None
    lumped: frozenset[str] = frozenset()
    lumped_times: bool = False
    until: dt.date | None = None
    asked: TimeRange | None = None

    def by(self, columns: frozenset[str]) -> View:
        """The view by those of its items that have one of these column names. What is left of groups stays apart only where these items tell groups apart."""
        rest = self.rest if columns & self.lumped else None
        return replace(self, keys=tuple(key for key in self.keys if key.column in columns), rest=rest)


@dataclass(frozen=True, slots=True)
class Look:
    """From where a metric is looked at: the windows by which comparisons above it go back, the outermost first."""

    back: tuple[Window, ...] = ()

    def further(self, window: Window) -> Look:
        """One comparison further back."""
        return Look((*self.back, window))


NOW = Look()
"""Where nothing is compared."""
