"""Which rows a compared table has: those of the metrics now, and groups that they had earlier, up to the last period that they have now."""

from __future__ import annotations

from app.model.expr import And, Binary, Case, Expr, IsNull, Literal, Or
from app.model.plan import Named, Select, Windowed
from app.model.types import DataType
from app.plan.draft import Draft
from app.plan.scans import Scans
from app.plan.shapes.back import finest
from app.plan.shapes.cells import Finished
from app.plan.shapes.views import View
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME


def shown(draft: Draft, scans: Scans, made: Finished, view: View, graph: JoinGraph) -> tuple[str, Expr | None]:
    """Open the values in `scans`: the alias, and what holds for rows that are shown, None where all are.

    A country that sold nothing this March is shown beside what it sold a year before; months that lie a year after the last one are not, unless the
    query counts to a day of theirs.
    """
    if not made.here:
        return scans.step(made.step), None
    times = [key for key in view.keys if key.name == METRIC_TIME and not key.path and not key.date_part]
    times = times or [key for key in view.keys if key.grain and not key.date_part]
    if not made.before or not times:
        alias = scans.step(made.step)
        here = IsNull(scans.column(alias, made.here), negated=True)
        return alias, Or((here, IsNull(scans.column(alias, made.before), negated=True))) if made.before else here
    period = finest(times, graph.custom_grains).column
    last = draft.column("last_period")
    known = Scans(draft)
    alias = known.step(made.step)
    now = IsNull(known.column(alias, made.here), negated=True)
    at = known.column(alias, period)
    window = Windowed(last, "max", (), Case(((now, at),)), type=known.type_of(at))
    keys = tuple(known.named(alias, key.column) for key in view.keys)
    flags = (made.here, made.before)
    columns = tuple(
        Named(name, known.column(alias, name), known.type_of(known.column(alias, name)))
        for name in (*dict.fromkeys(made.columns.values()), *flags)
    )
    step = draft.add(Select(draft.name("up_to_now"), known.finish(None), keys, columns, (window,)))
    alias = scans.step(step)
    here = IsNull(scans.column(alias, made.here), negated=True)
    earlier = IsNull(scans.column(alias, made.before), negated=True)
    at = scans.column(alias, period)
    upto: Expr = Binary("<=", at, scans.column(alias, last))
    if view.until is not None:
        upto = Or((upto, Binary("<=", at, Literal(view.until.isoformat(), DataType.DATE))))
    return alias, Or((here, And((earlier, upto))))
