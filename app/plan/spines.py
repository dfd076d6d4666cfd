"""Time spines: which one serves, its periods, and the calendar of a custom granularity."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import Truncate
from app.model.ontology import TimeSpine
from app.model.plan import Aggregate, Named, Select, Windowed
from app.model.types import DataType, Grain
from app.plan.draft import Draft
from app.plan.scans import Scans
from app.sql.expressions.infer import infer
from app.sql.joins import JoinGraph

NUMBER, PLACE = "period_number", "day_of_period"
"""Columns of a custom calendar: which period it is, counted by their first days, and the place within the period, from 1."""


def spine_for(graph: JoinGraph, grain: Grain) -> TimeSpine:
    """The coarsest time spine that is fine enough. Raises UserError DM3010 where there is none."""
    fit = [spine for spine in graph.spines if spine.grain.order <= grain.order]
    if not fit:
        raise UserError(Problem("DM3010", f"there is no time spine by {grain} or finer", hint="dbt: models with `time_spine:`"))
    return fit[-1]


def custom_column(spine: TimeSpine, grain: str) -> str:
    """The column of a custom granularity; dbt lets it go by the granularity's own name."""
    return next(column or name for name, column in spine.custom if name == grain)


def base_grain(graph: JoinGraph, grain: str) -> Grain:
    """A standard grain itself, of a custom one that of its time spine."""
    custom = graph.custom_grains.get(grain)
    return custom.grain if custom is not None else Grain(grain)


def periods(draft: Draft, grain: Grain) -> tuple[str, str]:
    """A step with every period of `grain` once, and its column: what a spine of that grain would be."""

    def make() -> tuple[str, str]:
        spine = spine_for(draft.graph, grain)
        scans = Scans(draft)
        alias = scans.model(spine.model, spine.model.rpartition(".")[2])
        expr = Truncate(scans.column(alias, spine.column), grain)
        name = draft.name(f"{grain}s")
        key = Named(grain.value, expr, infer(expr, scans.type_of))
        return draft.add(Aggregate(name, scans.finish(None), (key,))), grain.value

    return draft.once(("periods", grain), make)


def calendar(draft: Draft, grain: str) -> tuple[str, str]:
    """A step with a row per row of the custom granularity's time spine, and the column of the granularity.

    It has the spine's own column, the granularity's, NUMBER and PLACE. Periods are counted by their first days, whatever their names sort like.
    """

    def make() -> tuple[str, str]:
        spine = draft.graph.custom_grains[grain]
        custom = custom_column(spine, grain)
        scans = Scans(draft)
        alias = scans.model(spine.model, spine.model.rpartition(".")[2])
        day, period = scans.column(alias, spine.column), scans.column(alias, custom)
        columns = tuple(Named(c.name, c, scans.type_of(c)) for c in (day, period))
        placed = (
            Windowed("first_day", "min", (period,), day, type=scans.type_of(day)),
            Windowed(PLACE, "row_number", (period,), order=((day, False),), type=DataType.INTEGER),
        )
        first = draft.add(Select(draft.name(f"{grain}s_begun"), scans.finish(None), columns=columns, windows=placed))
        scans = Scans(draft)
        alias = scans.step(first, "begun")
        kept = tuple(Named(name, scans.column(alias, name), draft.type_of(first, name)) for name in (spine.column, custom, PLACE))
        counted = Windowed(NUMBER, "dense_rank", order=((scans.column(alias, "first_day"), False),), type=DataType.INTEGER)
        return draft.add(Select(draft.name(f"{grain}s_counted"), scans.finish(None), columns=kept, windows=(counted,))), custom

    return draft.once(("calendar", grain), make)


def custom_periods(draft: Draft, grain: str) -> tuple[str, str]:
    """A step with every period of a custom granularity once, with its NUMBER; and the column of the granularity."""

    def make() -> tuple[str, str]:
        step, custom = calendar(draft, grain)
        scans = Scans(draft)
        alias = scans.step(step, "counted")
        keys = tuple(Named(name, scans.column(alias, name), draft.type_of(step, name)) for name in (custom, NUMBER))
        return draft.add(Aggregate(draft.name(f"{grain}s"), scans.finish(None), keys)), custom

    return draft.once(("custom periods", grain), make)
