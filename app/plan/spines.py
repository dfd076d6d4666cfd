"""Time spines: which one serves, its periods, and the calendar of a custom granularity."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Problem, UserError
from app.model.expr import Truncate
from app.model.ontology import TimeSpine
from app.model.plan import Aggregate, Named, Select, Windowed
from app.model.types import DataType, Grain
from app.plan.draft import Draft
from app.plan.scans import Scans
from app.sql.expressions.infer import infer
from app.sql.joins import JoinGraph


@dataclass(frozen=True, slots=True)
class Calendar:
    """A step with a row per row of a custom granularity's time spine, and its columns: the spine's own, the granularity's, which period it is (counted
    by their first days, whatever their names sort like), and the place within the period, from 1."""

    step: str
    day: str
    period: str
    number: str
    place: str


def spine_for(graph: JoinGraph, grain: Grain) -> TimeSpine:
    """The coarsest time spine that is fine enough. Raises UserError DM3010 where there is none."""
    fit = [spine for spine in graph.spines if spine.grain.order <= grain.order]
    if not fit:
        raise UserError(Problem("DM3010", f"there is no time spine by {grain} or finer", hint="dbt: models with `time_spine:`"))
    return fit[-1]


def custom_column(spine: TimeSpine, grain: str) -> str:
    """The column of a custom granularity; dbt lets it go by the granularity's own name."""
    return next(column or name for name, column in spine.custom if name == grain)


def periods(draft: Draft, grain: Grain) -> tuple[str, str]:
    """A step with every period of `grain` once, and its column: what a spine of that grain would be."""

    def make() -> tuple[str, str]:
        spine = spine_for(draft.graph, grain)
        scans = Scans(draft)
        alias = scans.model(spine.model, spine.model.rpartition(".")[2])
        expr = Truncate(scans.column(alias, spine.column), grain)
        name = draft.name(f"{grain}s")
        key = Named(draft.column(grain.value), expr, infer(expr, scans.type_of))
        return draft.add(Aggregate(name, scans.finish(None), (key,))), key.name

    return draft.once(("periods", grain), make)


def calendar(draft: Draft, grain: str) -> Calendar:
    """The calendar of a custom granularity, made once for a plan."""

    def make() -> Calendar:
        spine = draft.graph.custom_grains[grain]
        custom = custom_column(spine, grain)
        number, place, first = (draft.column(name) for name in ("period_number", "day_of_period", "first_day"))
        scans = Scans(draft)
        alias = scans.model(spine.model, spine.model.rpartition(".")[2])
        day, period = scans.column(alias, spine.column), scans.column(alias, custom)
        columns = tuple(Named(c.name, c, scans.type_of(c)) for c in (day, period))
        placed = (
            Windowed(first, "min", (period,), day, type=scans.type_of(day)),
            Windowed(place, "row_number", (period,), order=((day, False),), type=DataType.INTEGER),
        )
        begun = draft.add(Select(draft.name(f"{grain}s_begun"), scans.finish(None), columns=columns, windows=placed))
        scans = Scans(draft)
        alias = scans.step(begun, "begun")
        kept = tuple(scans.named(alias, name) for name in (spine.column, custom, place))
        counted = Windowed(number, "dense_rank", order=((scans.column(alias, first), False),), type=DataType.INTEGER)
        step = draft.add(Select(draft.name(f"{grain}s_counted"), scans.finish(None), columns=kept, windows=(counted,)))
        return Calendar(step, spine.column, custom, number, place)

    return draft.once(("calendar", grain), make)


def custom_periods(draft: Draft, grain: str) -> tuple[str, Calendar]:
    """A step with every period of a custom granularity once, with its number; and the calendar from which it is made."""

    def make() -> tuple[str, Calendar]:
        days = calendar(draft, grain)
        scans = Scans(draft)
        alias = scans.step(days.step, "counted")
        keys = tuple(scans.named(alias, name) for name in (days.period, days.number))
        return draft.add(Aggregate(draft.name(f"{grain}s"), scans.finish(None), keys)), days

    return draft.once(("custom periods", grain), make)
