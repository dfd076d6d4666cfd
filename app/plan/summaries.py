"""A cumulative metric by longer periods than its own: of the series of its values the last, the first, or their average stands for the period.

dbt's `period_agg`. MetricFlow takes the first day of a period unless told otherwise; here a metric that does not say takes the last, which is what the
metric has come to by the end of the period (docs/differences.md).
"""

from __future__ import annotations

from app.model.expr import Binary
from app.model.plan import Aggregate, Aggregated, Named, Rows, Select, Windowed, values
from app.model.types import Aggregation, DataType
from app.plan.draft import Draft
from app.plan.leaves import Growing
from app.plan.marks import ONE, aggregated_mark, plain_mark
from app.plan.scans import Scans


def summarized(draft: Draft, series: str, growing: Growing, clock: str, period_agg: str, mark: str) -> None:
    """Make the step of a leaf from the series of its values: one row per combination of its keys other than `clock`."""
    made = draft.step(series)
    scans = Scans(draft)
    alias = scans.step(series, "series")
    keys = tuple(scans.named(alias, key.name) for key in made.keys if key.name != clock)
    given = tuple(scans.named(alias, value) for value, kind in values(made))
    if period_agg == "average":
        means = tuple(Aggregated(value.name, Aggregation.AVERAGE, value.expr, value.type, DataType.FLOAT) for value in given)
        draft.add(Aggregate(growing.name, scans.finish(None), keys, (*means, *aggregated_mark(mark))))
        return
    order = ((scans.column(alias, clock), period_agg != "first"),)
    rank = Windowed(draft.column("place"), "row_number", tuple(key.expr for key in keys), order=order, type=DataType.INTEGER)
    ranked = draft.add(Select(draft.name(f"{growing.stem}_ranked"), scans.finish(None), keys, given, (rank,)))
    scans = Scans(draft)
    alias = scans.step(ranked, "ranked")
    where = Binary("=", scans.column(alias, rank.name), ONE)
    keys = tuple(scans.named(alias, key.name) for key in keys)
    picked = tuple(scans.named(alias, value.name) for value in given)
    pick(draft, growing.name, scans.finish(where), keys, picked, mark)


def pick(draft: Draft, name: str, rows: Rows, keys: tuple[Named, ...], given: tuple[Named, ...], mark: str) -> None:
    """Make a step of rows of which there is one for each combination of keys. Without keys it has one row, also of nothing."""
    if keys:
        draft.add(Select(name, rows, keys, (*given, *plain_mark(mark))))
    else:
        extremes = (Aggregated(value.name, Aggregation.MAX, value.expr, value.type, value.type) for value in given)
        draft.add(Aggregate(name, rows, (), (*extremes, *aggregated_mark(mark))))
