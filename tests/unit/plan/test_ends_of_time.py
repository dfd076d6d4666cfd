"""Ranges up to the last date that there is."""

from __future__ import annotations

import datetime as dt

import pytest

from app.model.periods import last_day
from app.model.query import GroupBy, TimeRange
from app.model.types import DataType, Grain
from app.plan.build import build
from app.sql.expressions.walk import walk
from tests.unit.plan.test_build import JOINS, ONTOLOGY, asking


@pytest.mark.parametrize("grain", ["", "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("end", [dt.date.max, dt.date(9999, 12, 30), dt.date(9999, 1, 1)])
def test_a_range_to_the_end_of_time_is_planned(grain: str, end: dt.date) -> None:
    keys = (GroupBy("metric_time", grain),) if grain else ()
    plan = build(asking(group_by=keys, time=TimeRange(dt.date.min, end)), ONTOLOGY, JOINS)
    found = plan.steps[0].rows.where
    assert found is not None
    bounds = [str(node.value) for node in walk(found) if getattr(node, "type", None) is DataType.DATE]
    assert bounds[0] == "0001-01-01"
    assert len(bounds) == (1 if end == dt.date.max else 2)


@pytest.mark.parametrize("grain", list(Grain))
def test_the_last_period_ends_with_the_last_date(grain: Grain) -> None:
    assert last_day(dt.date.max, grain) == dt.date.max
    assert last_day(dt.date(2024, 2, 29), Grain.QUARTER) == dt.date(2024, 3, 31)
