"""A range is taken by the day; MetricFlow's doors stretch it to whole periods and say so in the query."""

from __future__ import annotations

import datetime as dt

import pytest

from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.plan.ranges import in_whole_periods
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY

JOINS = JoinGraph.of(ONTOLOGY)
RANGE = TimeRange(dt.date(2024, 2, 10), dt.date(2024, 3, 5))


def stretched(*group_by: GroupBy, time: TimeRange | None = RANGE) -> TimeRange | None:
    return in_whole_periods(SemanticQuery(("revenue",), group_by, time=time), JOINS).time


@pytest.mark.parametrize(
    ("grain", "start", "end"),
    [
        ("day", "2024-02-10", "2024-03-05"),
        ("week", "2024-02-05", "2024-03-10"),
        ("month", "2024-02-01", "2024-03-31"),
        ("quarter", "2024-01-01", "2024-03-31"),
        ("year", "2024-01-01", "2024-12-31"),
    ],
)
def test_to_the_grain_of_metric_time(grain: str, start: str, end: str) -> None:
    assert stretched(GroupBy("metric_time", grain)) == TimeRange(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


def test_to_the_finest_of_several() -> None:
    assert stretched(GroupBy("metric_time", "year"), GroupBy("metric_time", "month")) == stretched(GroupBy("metric_time", "month"))


def test_not_where_metric_time_is_not_asked_for() -> None:
    assert stretched() == RANGE


def test_an_open_end_stays_open() -> None:
    assert stretched(GroupBy("metric_time", "month"), time=TimeRange(dt.date(2024, 2, 10))) == TimeRange(dt.date(2024, 2, 1))
    assert stretched(GroupBy("metric_time", "month"), time=None) is None
