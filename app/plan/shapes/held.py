"""What the filters of a shaped query mean for rows, beside metrics: whether they are among the first groups, and whether they are so far in their period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.model.expr import Expr, Field, IsNull
from app.model.plan import JoinKind
from app.model.query import GroupBy
from app.model.types import Grain
from app.plan.draft import Draft
from app.plan.metric_filters import MetricFilters
from app.plan.nulls import same_group
from app.plan.own_time import is_own, own_value
from app.plan.rows import RowsBuilder
from app.plan.shapes.to_date import TO_DATE, so_far


class Held:
    """Gives values of filters over rows: metrics, and what is registered here."""

    def __init__(self, draft: Draft, to_date: Grain | None, as_of: dt.date | None) -> None:
        self._metrics = MetricFilters(draft)
        self._to_date, self._as_of = to_date, as_of
        self._first: dict[Field, tuple[str, str, tuple[GroupBy, ...]]] = {}

    def value(self, rows: RowsBuilder, field: Field) -> Expr:
        """The value of a filter's field for each of the rows."""
        if field == TO_DATE and self._to_date is not None and self._as_of is not None:
            return so_far(rows, self._to_date, self._as_of)
        if is_own(field):
            return own_value(rows, field)
        if field not in self._first:
            return self._metrics.value(rows, field)
        step, mark, keys = self._first[field]
        alias = rows.scans.step(step)
        on: list[Expr] = []
        for key in keys:
            mine = rows.key(key)
            on += same_group(mine.expr, rows.scans.column(alias, key.column), mine.type)
        rows.scans.join(alias, tuple(on), JoinKind.LEFT, ", ".join(key.column for key in keys))
        return rows.scans.column(alias, mark)

    def not_among(self, step: str, mark: str, keys: Sequence[GroupBy]) -> Expr:
        """A filter for the rows whose group is not among those of a step, which has `mark` for each."""
        field = Field(step, "metric", group_by=tuple(key.column for key in keys))
        self._first[field] = (step, mark, tuple(keys))
        return IsNull(field)
