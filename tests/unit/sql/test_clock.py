"""By what grain metrics are looked at along time spines, and how fine a spine must be so that they can be asked at all."""

from __future__ import annotations

import pytest

from app.model.expr import Column
from app.model.metrics import MeasureInput, Metric, MetricInput, Simple, Window
from app.model.ontology import TimeSpine
from app.model.semantics import Dimension, DimensionType
from app.model.types import Grain
from app.sql.clock import Clock, base_grain, clock_unit, default_grain, kept_grain, shared_grain, unit_at_the_coarsest

DAY, WEEK, MONTH, QUARTER, YEAR, HOUR = Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR, Grain.HOUR
CALENDARS = {
    "retail_month": TimeSpine("days", "day", DAY, (("retail_month", ""),)),
    "era": TimeSpine("years", "year", YEAR, (("era", ""),)),
}


def over(*counted: str, default: Grain = DAY, kept: Grain = DAY) -> Clock:
    """A metric over a window."""
    return Clock(default, kept, running=True, counted=frozenset(counted))


def ago(*counted: str, default: Grain = DAY, kept: Grain = DAY, start: str = "") -> Clock:
    """A metric a while ago, or at the start of a period."""
    return Clock(default, kept, counted=frozenset(counted), starts=frozenset({start} if start else ()))


def time(grain: Grain | None) -> Dimension:
    return Dimension("at", DimensionType.TIME, Column("at"), grain=grain)


@pytest.mark.parametrize(
    ("grains", "shared"),
    [
        ((MONTH, YEAR), MONTH),
        ((WEEK, DAY), DAY),
        ((WEEK,), WEEK),
        ((WEEK, MONTH), DAY),
        ((WEEK, YEAR), DAY),
        ((WEEK, MONTH, HOUR), HOUR),
    ],
)
def test_weeks_beside_months_are_days(grains: tuple[Grain, ...], shared: Grain) -> None:
    assert shared_grain(grains) is shared


def test_a_custom_granularity_counts_as_its_time_spine() -> None:
    assert (base_grain("era", CALENDARS), base_grain("week", CALENDARS)) == (YEAR, WEEK)
    with pytest.raises(ValueError, match="fortnight"):
        base_grain("fortnight", CALENDARS)


@pytest.mark.parametrize(
    ("clock", "asked", "unit"),
    [
        (over("week"), ["year"], "day"),
        (over("week", default=WEEK), ["week"], "week"),
        (over("week", default=WEEK), ["month"], "day"),
        (over("week", default=MONTH), ["month"], "day"),
        (over("month", default=MONTH), ["year"], "month"),
        (over("week", default=MONTH, kept=MONTH), ["month"], "month"),
        (over("retail_month", default=MONTH), ["month"], "day"),
        (Clock(MONTH, DAY, running=True, starts=frozenset({"year"})), ["quarter"], "month"),
        (ago("month"), ["month"], "month"),
        (ago("month"), ["year"], "month"),
        (ago("year"), ["month"], "month"),
        (ago("month"), ["day"], "day"),
        (ago("month"), ["month", "week"], "day"),
        (ago("week", default=WEEK), ["week"], "week"),
        (ago("week"), ["week"], "day"),
        (ago(start="month"), ["month"], "month"),
        (ago(start="month"), ["year"], "day"),
        (ago(start="year"), ["quarter"], "quarter"),
        (ago("retail_month"), ["retail_month"], "retail_month"),
        (ago("retail_month", default=MONTH), ["month"], "day"),
        (ago("month", default=HOUR, kept=HOUR), ["hour"], "hour"),
        (ago("month"), [], "day"),
    ],
)
def test_a_clock_is_as_fine_as_is_asked_and_counted(clock: Clock, asked: list[str], unit: str) -> None:
    assert clock_unit(clock, asked, CALENDARS) == unit


def test_what_filters_ask_counts_too() -> None:
    assert clock_unit(ago("month").filtered_by(["day"]), ["month"], {}) == "day"
    assert clock_unit(over("month", default=MONTH).filtered_by(["week"]), ["month"], {}) == "day"
    assert unit_at_the_coarsest([ago("month", default=MONTH).filtered_by(["day"])], {}) is DAY


@pytest.mark.parametrize(
    ("clocks", "needed"),
    [
        ([], None),
        ([Clock()], None),
        ([over()], DAY),
        ([over("week", default=MONTH)], DAY),
        ([over("week", default=WEEK)], WEEK),
        ([over("week", default=WEEK), Clock(kept=MONTH)], DAY),
        ([over("week", default=WEEK), over("month", default=MONTH)], DAY),
        ([over("month", default=MONTH), ago("year")], MONTH),
        ([ago("month")], MONTH),
        ([ago("week", default=MONTH)], DAY),
        ([ago("week", "month", default=WEEK)], DAY),
        ([ago(start="month")], MONTH),
        ([over(kept=QUARTER, default=QUARTER)], QUARTER),
    ],
)
def test_what_the_coarsest_question_needs(clocks: list[Clock], needed: Grain | None) -> None:
    assert unit_at_the_coarsest(clocks, {}) is needed


def test_a_question_by_a_custom_granularity_needs_no_more_than_its_own_time_spine() -> None:
    """Nothing but an `era` can be asked of what was an era ago, and its time spine is by year."""
    assert unit_at_the_coarsest([ago("era")], CALENDARS) is YEAR


def test_an_offset_moves_a_clock() -> None:
    start = over("week")
    assert start.moved(MetricInput("m")) == start
    assert start.moved(MetricInput("m", offset_window=Window(2, "month"))).counted == {"week", "month"}
    assert start.moved(MetricInput("m", offset_to_grain="year")).starts == {"year"}
    assert start.filtered_by(["day"]).filtered == {"day"}
    assert not Clock().filtered_by(["day"]).is_needed
    assert Clock().moved(MetricInput("m", offset_to_grain="year")).is_needed


def test_the_default_grain_is_that_of_the_coarsest_time_and_a_day_at_least() -> None:
    simple = Metric("m", Simple(MeasureInput("s", "n")))
    assert default_grain(simple, [time(HOUR), None]) is DAY
    assert default_grain(simple, [time(None), time(MONTH)]) is MONTH
    assert default_grain(Metric("m", simple.params, grain=WEEK), [time(MONTH)]) is WEEK
    assert kept_grain([]) is DAY
