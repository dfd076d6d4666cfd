"""Which rows a compared table has: those of the metrics now, and groups that they had earlier, up to the last period that they have now."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.expr import And, Binary, Case, Expr, IsNull, Literal, Or
from app.model.plan import Named, Select, Windowed
from app.model.query import GroupBy
from app.model.types import DataType
from app.plan.draft import Draft
from app.plan.scans import Scans
from app.plan.shapes.back import finest
from app.plan.shapes.cells import Finished
from app.plan.shapes.views import View
from app.plan.spines import custom_periods
from app.sql.expressions.infer import infer


def shown(draft: Draft, scans: Scans, made: Finished, view: View, times: Sequence[GroupBy]) -> tuple[str, Expr | None]:
    """Open the values in `scans`: the alias, and what holds for rows that are shown, None where all are. `times` are the items that are the metrics' own time.

    A country that sold nothing this March is shown beside what it sold a year before; months that lie a year after the last one are not, unless the
    query counts to a day of theirs.
    """
    if not made.here:
        return scans.step(made.step), None
    periods = [key for key in times if not key.date_part]
    if not made.before or not periods:
        alias = scans.step(made.step)
        here = IsNull(scans.column(alias, made.here), negated=True)
        return alias, Or((here, IsNull(scans.column(alias, made.before), negated=True))) if made.before else here
    key = finest(periods, draft.graph.custom_grains)
    known = Scans(draft)
    alias = known.step(made.step)
    now = IsNull(known.column(alias, made.here), negated=True)
    at: Expr = known.column(alias, key.column)
    counted: tuple[Named, ...] = ()
    if key.grain in draft.graph.custom_grains:  # whose names may sort as they like
        step, days = custom_periods(draft, key.grain)
        numbers = known.step(step)
        known.join(numbers, (Binary("=", at, known.column(numbers, days.period)),), entity=key.column)
        at = known.column(numbers, days.number)
        counted = (Named(draft.column("this_period"), at, DataType.INTEGER),)
    last = draft.column("last_period")
    window = Windowed(last, "max", (), Case(((now, at),)), type=infer(at, known.type_of))
    keys = tuple(known.named(alias, one.column) for one in view.keys)
    names = (*dict.fromkeys(made.columns.values()), made.here, made.before)
    columns = (*(known.named(alias, name) for name in names), *counted)
    step = draft.add(Select(draft.name("up_to_now"), known.finish(None), keys, columns, (window,)))
    alias = scans.step(step)
    here = IsNull(scans.column(alias, made.here), negated=True)
    earlier = IsNull(scans.column(alias, made.before), negated=True)
    period = scans.column(alias, counted[0].name if counted else key.column)
    upto: Expr = Binary("<=", period, scans.column(alias, last))
    if view.until is not None and not counted:
        upto = Or((upto, Binary("<=", period, Literal(view.until.isoformat(), DataType.DATE))))
    return alias, Or((here, And((earlier, upto))))
