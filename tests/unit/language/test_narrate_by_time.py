"""Sentences about metrics that are figures of a day, or of all time."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from app.language.narrate import narrate
from app.language.restate import restate
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.result import Result, ResultColumn, Value
from app.model.types import DataType
from tests.unit.language.test_by_time import LAYER

MONTH = GroupBy("metric_time", "month")
DAY = GroupBy("metric_time", "day")
JUNE_30 = dt.date(2026, 6, 30)
MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)


def result(**columns: tuple[Value, ...]) -> Result:
    return Result(tuple(ResultColumn(n, DataType.OTHER) for n in columns), tuple(columns.values()))


def test_a_single_day_is_said_once() -> None:
    query = SemanticQuery(("rolling_revenue",), (DAY,), time=TimeRange(JUNE_30, JUNE_30))
    assert narrate(query, result(metric_time__day=(JUNE_30,), rolling_revenue=(5,)), LAYER) == "Rolling revenue of 30 Jun 2026: 5."


def test_a_single_group_of_a_longer_period_keeps_the_period() -> None:
    query = SemanticQuery(("revenue",), (GroupBy("customer__country"),), time=TimeRange(JUNE, JUNE_30))
    found = narrate(query, result(customer__country=("A",), revenue=(5,)), LAYER)
    assert "from 1 Jun 2026 to 30 Jun 2026" in found


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("rolling_revenue", " Each month shows the figure of its first day."),
        ("month_to_date", " Each month shows the figure of its last day."),
        ("all_time", " Each month shows the figure of its last day."),
        ("revenue", ""),
        ("monthly_growth", ""),
    ],
)
def test_what_stands_for_a_longer_period_is_said(metric: str, said: str) -> None:
    columns = result(metric_time__month=(MAY, JUNE), **{metric: (1, 2)})
    told = narrate(SemanticQuery((metric,), (MONTH,)), columns, LAYER)
    assert told.endswith(said)
    assert ("Each month" in told) is bool(said)
    by_day = narrate(SemanticQuery((metric,), (DAY,)), result(metric_time__day=(MAY, JUNE), **{metric: (1, 2)}), LAYER)
    assert "Each" not in by_day


def test_averages_of_days_and_several_metrics_are_told_apart() -> None:
    mean = LAYER.metric("rolling_revenue")
    assert mean is not None
    averaged = msgspec.structs.replace(mean, name="mean", label="Mean", params=msgspec.structs.replace(mean.params, period_agg="average"))
    layer = msgspec.structs.replace(LAYER, metrics=(*LAYER.metrics, averaged))
    query = SemanticQuery(("mean", "month_to_date", "revenue"), (MONTH,))
    told = narrate(query, result(metric_time__month=(MAY, JUNE), mean=(1, 2), month_to_date=(3, 4), revenue=(5, 6)), layer)
    assert told.endswith(
        " Each month shows the average of its days for Mean. Each month shows the figure of its last day for Revenue to date."
    )


def test_a_total_of_all_time_stands_at_the_end_of_the_period() -> None:
    query = SemanticQuery(("all_time",), time=TimeRange(JUNE, JUNE_30))
    assert narrate(query, result(all_time=(5,)), LAYER) == "Revenue of all time up to 30 Jun 2026: 5."
    assert restate(query, LAYER) == "Revenue of all time, up to 30 Jun 2026"


def test_the_start_of_a_period_says_nothing_of_a_total_of_all_time() -> None:
    query = SemanticQuery(("all_time",), time=TimeRange(JUNE, None))
    assert narrate(query, result(all_time=(5,)), LAYER) == "Revenue of all time: 5."
    assert restate(query, LAYER) == "Revenue of all time"


@pytest.mark.parametrize("query", [SemanticQuery(("all_time",), (MONTH,)), SemanticQuery(("all_time", "revenue"))])
def test_by_time_or_beside_another_metric_the_whole_period_is_said(query: SemanticQuery) -> None:
    query = msgspec.structs.replace(query, time=TimeRange(JUNE, JUNE_30))
    assert "1 Jun 2026 to 30 Jun 2026" in restate(query, LAYER)


def test_the_one_day_of_several_rows_is_said_once() -> None:
    query = SemanticQuery(("rolling_revenue",), (GroupBy("customer__country"), DAY), time=TimeRange(JUNE_30, JUNE_30))
    columns = result(customer__country=("A", "B"), metric_time__day=(JUNE_30, JUNE_30), rolling_revenue=(5, 7))
    assert narrate(query, columns, LAYER) == "Rolling revenue by country on 30 Jun 2026, 2 rows: highest B with 7, lowest A with 5."


def test_a_month_of_a_longer_period_stays_in_the_sentence() -> None:
    query = SemanticQuery(("revenue",), (GroupBy("customer__country"), MONTH), time=TimeRange(MAY, JUNE_30))
    columns = result(customer__country=("A", "B"), metric_time__month=(JUNE, JUNE), revenue=(5, 7))
    assert "highest B, June 2026 with" in narrate(query, columns, LAYER)
