"""Like with like: of each period only as much counts as the one under way has come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.errors import Problem, UserError
from app.model.expr import And, Binary, Expr, Field, Shift, Truncate
from app.model.metrics import Cumulative, metric_inputs
from app.model.periods import first_day
from app.model.shapes import Calculation, Running, below
from app.model.types import Grain
from app.plan.rows import RowsBuilder
from app.plan.shapes.problems import no_meaning
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

TO_DATE = Field(METRIC_TIME, "metric", grain="day", group_by=("\0to_date",))
"""Stands for the condition in the filter of a query; named so that measures are known to be looked at by time."""
_PERIODS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def check_to_date(grain: str, metrics: Sequence[str], calculations: Sequence[Calculation], graph: JoinGraph) -> Grain:
    """The grain. Raises UserError DM3006 where it is none with days in it, DM3132 for what is accumulated anyway."""
    if grain not in _PERIODS:
        raise UserError(Problem("DM3006", f"`{grain}` is no period to date", hint=f"one of {', '.join(_PERIODS)}"))
    found = list(metrics)
    for name in found:
        params = graph.metric(name).params
        if isinstance(params, Cumulative):
            raise no_meaning(f"`{name}` is accumulated over periods of its own", "leave out `to_date`")
        found += [given.metric for given in metric_inputs(params) if given.metric not in found]
    for calculation in calculations:
        shape = calculation.shape
        while (lower := below(shape)) is not None:
            if isinstance(shape, Running):
                raise no_meaning(f"`{calculation.name}` is accumulated over periods of its own", "leave out `to_date`")
            shape = lower
    return Grain(grain)


def so_far(rows: RowsBuilder, grain: Grain, as_of: dt.date) -> Expr:
    """Whether the rows' own time is no further in its period than `as_of` is; the last day of a month stands for the days that it does not have."""
    own = rows.own_time()
    start = Truncate(own, grain)
    first = first_day(as_of, grain)
    if grain is Grain.WEEK:
        return Binary("<", own, Shift(start, (as_of - first).days + 1, Grain.DAY))
    months = (as_of.year - first.year) * 12 + as_of.month - first.month
    month = Shift(start, months, Grain.MONTH) if months else start
    return And((Binary("<", own, Shift(month, as_of.day, Grain.DAY)), Binary("<", own, Shift(start, months + 1, Grain.MONTH))))
