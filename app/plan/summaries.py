"""A cumulative metric by longer periods than its own: of the series of its values the last, the first, or their average stands for the period.

dbt's `period_agg`. MetricFlow takes the first day of a period unless told otherwise; here a metric that does not say takes the last, which is what the
metric has come to by the end of the period (docs/differences.md).
"""

from __future__ import annotations

from app.model.expr import Binary, Literal
from app.model.plan import Aggregate, Aggregated, Named, Select, Windowed, values
from app.model.types import Aggregation, DataType
from app.plan.draft import Draft
from app.plan.leaves import Growing
from app.plan.scans import Scans


def summarized(draft: Draft, series: str, growing: Growing, clock: str, period_agg: str, mark: str) -> None:
    """Make the step of a leaf from the series of its values: one row per combination of its keys other than `clock`."""
    made = next(step for step in draft.steps if step.name == series)
    scans = Scans(draft)
    alias = scans.step(series, "series")
    keys = tuple(Named(key.name, scans.column(alias, key.name), key.type) for key in made.keys if key.name != clock)
    given = tuple(Named(value, scans.column(alias, value), kind) for value, kind in values(made))
    if period_agg == "average":
        means = tuple(Aggregated(value.name, Aggregation.AVERAGE, value.expr, value.type, DataType.FLOAT) for value in given)
        present = (Aggregated(mark, Aggregation.MAX, Literal(1, DataType.INTEGER), type=DataType.INTEGER),) if mark else ()
        draft.add(Aggregate(growing.name, scans.finish(None), keys, (*means, *present)))
        return
    order = ((scans.column(alias, clock), period_agg != "first"),)
    rank = Windowed(draft.column("place"), "row_number", tuple(key.expr for key in keys), order=order, type=DataType.INTEGER)
    ranked = draft.add(Select(draft.name(f"{growing.stem}_ranked"), scans.finish(None), keys, given, (rank,)))
    scans = Scans(draft)
    alias = scans.step(ranked, "ranked")
    one = Literal(1, DataType.INTEGER)
    where = Binary("=", scans.column(alias, rank.name), one)
    if not keys:  # a step without keys has one row, also of nothing
        extremes = (Aggregated(v.name, Aggregation.MAX, scans.column(alias, v.name), v.type, v.type) for v in given)
        draft.add(Aggregate(growing.name, scans.finish(where), (), tuple(extremes)))
        return
    keys = tuple(Named(key.name, scans.column(alias, key.name), key.type) for key in keys)
    picked = tuple(Named(value.name, scans.column(alias, value.name), value.type) for value in given)
    draft.add(Select(growing.name, scans.finish(where), keys, (*picked, *((Named(mark, one, DataType.INTEGER),) if mark else ()))))
