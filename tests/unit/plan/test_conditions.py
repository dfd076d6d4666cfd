"""A filter is a truth value, and so is each part of one: PostgreSQL takes nothing else, ClickHouse would take numbers."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.plan import LogicalPlan
from app.plan.build import build
from app.service.request import QueryRequest, semantic_query
from tests.goldens.business import ONTOLOGY
from tests.goldens.test_goldens import JOINS


def plan(metric: str = "revenue", where: str = "", having: str = "") -> LogicalPlan:
    asked = QueryRequest((metric,), ("metric_time__day",), (where,) if where else (), having)
    return build(semantic_query(asked, ONTOLOGY, JOINS), ONTOLOGY, JOINS)


NO_CONDITIONS = [
    "'x'",
    "'true'",
    "1",
    "order__status",
    "upper({{ Dimension('order__status') }})",
    "NOT order__status",
    "order__status AND TRUE",
    "order__status = 'paid' OR NOT (order__is_gift AND 1)",
    "CASE WHEN TRUE THEN 1 ELSE 0 END",
    "metric_time__day",
]


@pytest.mark.parametrize("where", NO_CONDITIONS)
def test_what_is_no_condition(where: str) -> None:
    with pytest.raises(UserError, match="DM3111"):
        plan(where=where)


@pytest.mark.parametrize("where", ["metric_time__day", "1", "metric_time__day = '2024-01-01' AND 'x'"])
def test_of_the_periods_of_a_time_spine(where: str) -> None:
    with pytest.raises(UserError, match="DM3111"):
        plan("visits_3_days", where)


def test_of_values() -> None:
    with pytest.raises(UserError, match="DM3111"):
        plan(having="revenue")


@pytest.mark.parametrize(
    "where", ["order__is_gift", "NOT order__is_gift", "1 = 1", "TRUE", "NULL", "order__status IS NULL", "order__is_gift IS TRUE"]
)
def test_what_is_one(where: str) -> None:
    assert plan(where=where).steps
