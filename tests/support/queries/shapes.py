"""Strategies of shapes: calculations of calculations, first groups, totals, periods to date, upon any query."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from app.model.shapes import Top, Totals
from app.service.request import QueryRequest
from app.sql.joins.graph import METRIC_TIME
from tests.support.queries import draw as plain
from tests.support.queries.ground import Ground


@st.composite
def shaped(draw: st.DrawFn, ground: Ground) -> QueryRequest:
    """A query with one to three shapes; many are refused, by both engines alike."""
    request = draw(plain.requests(ground).filter(lambda one: bool(one.metrics)))
    if draw(st.booleans()) and not any(item.startswith(METRIC_TIME) for item in request.group_by):
        grain = draw(st.sampled_from(["day", "week", "month", "quarter"]))
        request = msgspec.structs.replace(request, group_by=(f"{METRIC_TIME}__{grain}", *request.group_by))
    columns = [ground.joins.group_by(item).column for item in request.group_by]
    calls = draw(st.lists(calculations(request.metrics, columns), max_size=3))
    named = [f"c{number} = {call}" for number, call in enumerate(calls)]
    values = [*request.metrics, *(f"c{number}" for number in range(len(calls)))]
    top = None
    if columns and draw(st.integers(0, 2)) == 0:
        per = draw(st.lists(st.sampled_from(columns), max_size=1))
        of = draw(st.lists(st.sampled_from(columns), max_size=2, unique=True))
        top = Top(
            draw(st.integers(1, 3)), draw(st.sampled_from(["", *values])), tuple(of), tuple(per), draw(st.booleans()), draw(st.booleans())
        )
    return msgspec.structs.replace(
        request,
        calculations=tuple(named),
        top=top,
        totals=draw(st.sampled_from([Totals.NONE, Totals.NONE, Totals.GRAND, Totals.ALL])),
        to_date=draw(st.sampled_from(["", "", "", "month", "quarter", "week", "year"])),
        as_of=str(draw(st.dates(*ground.days))),
        order=tuple(draw(st.lists(plain.orders([*values, *columns]), max_size=1))),
    )


@st.composite
def calculations(draw: st.DrawFn, metrics: tuple[str, ...], columns: list[str]) -> str:
    """A calculation of one of the metrics, or of another calculation."""
    x = draw(st.sampled_from(metrics)) if draw(st.integers(0, 2)) else draw(calculations(metrics, columns))
    within = f", within=[{', '.join(draw(st.lists(st.sampled_from(columns), min_size=1, max_size=2, unique=True)))}]" if columns else ""
    window = f", {draw(st.integers(1, 5))} {draw(st.sampled_from(['days', 'weeks', 'months', 'quarters', 'years']))}"
    weekday = draw(st.sampled_from(["", "", "", ", same weekday"]))
    return draw(
        st.sampled_from(
            [
                f"previous({x})",
                f"previous({x}{window}{weekday})",
                f"change({x}{window}{weekday})",
                f"percent_change({x}{window})",
                f"share({x})",
                f"share({x}{within})",
                f"running_total({x})",
                f"running_total({x}{window})",
                f"running_total({x}, to_date={draw(st.sampled_from(['month', 'year', 'week']))})",
                f"moving_average({x}, {draw(st.integers(1, 4))})",
                f"moving_max({x}, {draw(st.integers(1, 4))})",
                f"rank({x})",
                f"rank({x}{within})",
            ]
        )
    )
