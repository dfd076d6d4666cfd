"""A metric query as people write it becomes a SemanticQuery, or a Problem that says where it is wrong."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from app.errors import UserError
from app.model.ontology import Ontology, SavedQuery
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.types import DatePart, Grain
from app.service.request import QueryRequest, semantic_query, written_out
from app.sql.joins import JoinGraph
from tests.unit.language.layers import shop

SAVED = SavedQuery(
    "by_country", ("revenue",), ("Dimension('customer__country')",), ("{{ Dimension('order__status') }} = 'completed'",), limit=5
)


def read(saved: tuple[SavedQuery, ...] = (SAVED,), **words: object):
    ontology: Ontology = msgspec.structs.replace(shop(), saved_queries=saved)
    return semantic_query(QueryRequest(**words), ontology, JoinGraph.of(ontology))


def test_names_are_kept_once_in_their_order() -> None:
    found = read(metrics=("revenue", "orders", "revenue"), group_by=("metric_time__month", "customer__country", "metric_time__month"))
    assert found.metrics == ("revenue", "orders")
    assert found.group_by == (GroupBy("metric_time", "month"), GroupBy("customer__country"))


def test_calls_of_dbt_are_read_too() -> None:
    found = read(metrics=("revenue",), group_by=("TimeDimension('metric_time', 'week')",), order=("-TimeDimension('metric_time', 'week')",))
    assert found.group_by == (GroupBy("metric_time", "week"),)
    assert found.order_by == (OrderBy("metric_time__week", descending=True),)
    assert read(metrics=("revenue",), group_by=("metric_time__extract_month",)).group_by == (
        GroupBy("metric_time", date_part=DatePart.MONTH),
    )


def test_a_leading_minus_descends() -> None:
    found = read(metrics=("revenue",), order=("-revenue", "orders", " - customer__country"))
    assert found.order_by == (OrderBy("revenue", True), OrderBy("orders"), OrderBy("customer__country", True))


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ("2026-01-01", "2026-06-30", TimeRange(dt.date(2026, 1, 1), dt.date(2026, 6, 30))),
        ("2026-01-01T10:00:00", "", TimeRange(dt.date(2026, 1, 1))),
        ("2026-01-01T23:30:00-02:00", "", TimeRange(dt.date(2026, 1, 2))),
        ("", "2026-06-30", TimeRange(None, dt.date(2026, 6, 30))),
        ("2026-06-30", "2026-06-30", TimeRange(dt.date(2026, 6, 30), dt.date(2026, 6, 30))),
        ("", "", None),
    ],
)
def test_dates_are_inclusive_and_may_be_open(start: str, end: str, wanted: TimeRange | None) -> None:
    assert read(metrics=("revenue",), start_time=start, end_time=end).time == wanted


@pytest.mark.parametrize(
    ("grain", "start", "end", "clocks"),
    [
        ("hour", "2026-01-01 02:00:25", "2026-01-03 05:00:53", (dt.time(2), dt.time(5, 59, 59, 999_999))),
        ("minute", "2026-01-01 02:01:25", "2026-01-03 23:59:53", (dt.time(2, 1), dt.time.max)),
        ("second", "2026-01-01 00:00:02.5", "2026-01-01 00:00:08", (dt.time(0, 0, 2), dt.time(0, 0, 8, 999_999))),
        ("millisecond", "2026-01-01 00:00:00.0025", "2026-01-01", (dt.time(0, 0, 0, 2_000), None)),
        ("microsecond", "2026-01-01 00:00:00.0025", "2026-01-01 01:00", (dt.time(0, 0, 0, 2_500), dt.time(1))),
        ("day", "2026-01-01 02:00:25", "2026-01-03 05:00:53", (None, None)),
        ("month", "2026-01-01 02:00:25", "2026-01-03 05:00:53", (None, None)),
    ],
)
def test_clock_times_are_stretched_to_whole_periods(
    grain: str, start: str, end: str, clocks: tuple[dt.time | None, dt.time | None]
) -> None:
    found = read(metrics=("revenue",), group_by=(f"metric_time__{grain}",), start_time=start, end_time=end)
    assert (found.time.start_clock, found.time.end_clock) == clocks
    assert found.time.start == dt.date(2026, 1, 1)


MONTH = TimeRange(dt.date(2026, 1, 1), dt.date(2026, 3, 31))
DAYS = TimeRange(dt.date(2026, 1, 15), dt.date(2026, 3, 20))


@pytest.mark.parametrize(
    ("metrics", "group_by", "wanted"),
    [
        (("revenue",), (), MONTH),
        (("orders", "revenue"), ("customer__country",), MONTH),
        (("revenue",), ("TimeDimension('metric_time', date_part_name='dow')",), MONTH),
        (("revenue",), ("metric_time",), MONTH),
        (("revenue",), ("metric_time__day",), DAYS),
        (("revenue",), ("metric_time__month", "metric_time__day"), DAYS),
        (("orders",), (), DAYS),
        ((), ("customer__country",), DAYS),
    ],
)
def test_a_range_is_stretched_to_the_default_grain_where_no_other_is_asked_for(
    metrics: tuple[str, ...], group_by: tuple[str, ...], wanted: TimeRange
) -> None:
    """Revenue is a metric by the month here, orders one by the day."""
    ontology = shop()
    monthly = tuple(msgspec.structs.replace(m, grain=Grain.MONTH) if m.name == "revenue" else m for m in ontology.metrics)
    ontology = msgspec.structs.replace(ontology, metrics=monthly)
    request = QueryRequest(metrics, group_by, start_time="2026-01-15", end_time="2026-03-20")
    found = semantic_query(request, ontology, JoinGraph.of(ontology))
    assert found.time == wanted
    assert len(found.group_by) == len(group_by)


def test_switches_are_handed_on() -> None:
    found = read(group_by=("customer__country",), min_max_only=True, apply_group_by=False)
    assert found.min_max_only
    assert not found.apply_group_by
    assert not read(group_by=("customer__country",)).min_max_only
    assert read(group_by=("customer__country",)).apply_group_by


@pytest.mark.parametrize(
    ("words", "code", "path"),
    [
        ({"start_time": "yesterday"}, "DM3092", "start_time"),
        ({"end_time": "2026-02-30"}, "DM3092", "end_time"),
        ({"start_time": "2026-07-01", "end_time": "2026-06-30"}, "DM3092", "start_time"),
        ({"start_time": "2026-06-30T10:01", "end_time": "2026-06-30T10:00"}, "DM3092", "start_time"),
        ({"start_time": "2026-06-30T25:00"}, "DM3092", "start_time"),
        ({"end_time": "0001-01-01T00:00:00+14:00"}, "DM3092", "end_time"),
        ({"limit": 0}, "DM3092", "limit"),
        ({"limit": -3}, "DM3092", "limit"),
    ],
)
def test_dates_and_limits_that_make_no_sense_are_named(words: dict[str, object], code: str, path: str) -> None:
    with pytest.raises(UserError) as raised:
        read(metrics=("revenue",), **words)
    assert raised.value.problem.code == code
    assert raised.value.problem.where.path == path


@pytest.mark.parametrize(
    "words",
    [
        {"where": ("country = ",)},
        {"where": ("1; drop table x",)},
        {"where": ("{{ config.secret }} = 1",)},
        {"having": "revenue >"},
        {"group_by": ("Dimension('a'",)},
        {"group_by": ("{{ 7 * 7 }}",)},
    ],
)
def test_text_that_does_not_parse_is_refused(words: dict[str, object]) -> None:
    with pytest.raises(UserError) as raised:
        read(metrics=("revenue",), **words)
    assert raised.value.problem.code.startswith("DM3")


def test_several_filters_hold_together() -> None:
    one = read(metrics=("revenue",), where=("{{ Dimension('order__status') }} = 'completed'",))
    both = read(metrics=("revenue",), where=("{{ Dimension('order__status') }} = 'completed'", "customer__country = 'DE'"))
    assert one.where is not None
    assert one.where in both.where.args
    assert len(both.where.args) == 2


def test_a_saved_query_is_the_start_and_what_is_given_narrows_it() -> None:
    found = read(saved_query="by_country")
    assert (found.metrics, found.group_by, found.limit) == (("revenue",), (GroupBy("customer__country"),), 5)
    narrowed = read(saved_query="by_country", where=("order__sales_channel = 'web'",), limit=2)
    assert found.where != narrowed.where
    assert narrowed.limit == 2


def test_an_unknown_saved_query_gets_a_suggestion() -> None:
    with pytest.raises(UserError) as raised:
        read(saved_query="by_contry")
    assert raised.value.problem.code == "DM3011"
    assert "by_country" in raised.value.problem.hint


@pytest.mark.parametrize(
    ("words", "place"),
    [({"where": ("customer__country = 'A'", "customer__country = ")}, "where[1]:1:19"), ({"having": "revenue >"}, "having:1:9")],
)
def test_a_filter_that_is_none_is_pointed_at(words: dict[str, object], place: str) -> None:
    with pytest.raises(UserError) as refused:
        read(metrics=("revenue",), **words)
    assert refused.value.problem.code == "DM3101"
    assert str(refused.value.problem.where) == place


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ({"group_by": ("customer__country", "sum(a)")}, "group_by[1]"),
        ({"order": ("Metric('x'",)}, "order_by[0]"),
        ({"where": ("{{ x }}",)}, "where[0]"),
    ],
)
def test_what_can_not_be_read_is_told_by_its_part_of_the_request(words: dict[str, tuple[str, ...]], path: str) -> None:
    with pytest.raises(UserError) as refused:
        read(metrics=("revenue",), **words)
    assert refused.value.problems[0].where is not None
    assert refused.value.problems[0].where.path == path


def test_a_query_that_was_read_already_has_its_saved_query_written_out_and_each_name_once() -> None:
    ontology: Ontology = msgspec.structs.replace(shop(), saved_queries=(SAVED,))
    joins = JoinGraph.of(ontology)
    country = GroupBy("customer__country")
    asked = SemanticQuery(("orders", "orders"), (country, country), saved_query="by_country")
    found = written_out(asked, ontology, joins)
    assert (found.metrics, found.group_by, found.limit, found.saved_query) == (("revenue", "orders"), (country,), 5, "")
    assert found.where is not None
    plain = SemanticQuery(("orders",), (country,))
    assert written_out(plain, ontology, joins) == plain
    with pytest.raises(UserError) as refused:
        written_out(SemanticQuery(saved_query="no_such"), ontology, joins)
    assert refused.value.problem.code == "DM3011"


def test_an_unknown_metric_is_told_as_one_in_a_range_too() -> None:
    with pytest.raises(UserError, match="DM3001") as refused:
        read(metrics=("nope",), group_by=("metric_time__month",), start_time="2026-05-01")
    assert refused.value.problems[0].where is not None
    assert refused.value.problems[0].where.path == "metrics[0]"


def test_metric_time_without_a_grain_gets_that_of_its_metrics() -> None:
    found = read(metrics=("revenue",), group_by=("metric_time", "customer__country", "metric_time__day"), order=("-metric_time",))
    assert found.group_by == (GroupBy("metric_time", "day"), GroupBy("customer__country"))
