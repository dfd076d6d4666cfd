"""Comparisons, first groups, totals, segments and levels over HTTP, on the demo business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.gateway.schemas import answer, layer
from tests.gateway.conftest import Gateway, problem, serving
from tests.gateway.test_answers import get, good, post
from tests.support.demo import Demo


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


def asked(shop: Gateway, role: str = "analyst", **body: Any) -> dict[str, Any]:
    return good(post(shop, "/query", body, role), answer.AnswerReply)


def test_a_calculation_is_a_column_with_a_definition(shop: Gateway) -> None:
    body = asked(
        shop,
        metrics=["revenue"],
        group_by=["metric_time__quarter"],
        calculations=["growth = percent_change(revenue, 1 year)", "share(revenue)"],
        start_time="2025-01-01",
        end_time="2026-06-30",
    )
    rows = {row["metric_time__quarter"]: row for row in body["results"]}
    then, now = rows["2025-04-01"], rows["2026-04-01"]
    assert float(now["growth"]) == pytest.approx(float(now["revenue"]) / float(then["revenue"]) - 1)
    assert sum(float(row["revenue__share"]) for row in rows.values()) == pytest.approx(1)
    definitions = {one["metric"]: one for one in body["definitions"]}
    assert definitions["growth"]["formula"] == "percent change of revenue from 1 year before"
    assert definitions["growth"]["format"] == "0.0%"
    assert "percent change of revenue from 1 year before and share of revenue in the total" in body["restated"]


def test_the_rest_and_the_total_add_up(shop: Gateway) -> None:
    body = asked(
        shop,
        metrics=["revenue"],
        group_by=["customer__country"],
        top={"count": 1, "other": True},
        totals="grand",
    )
    kinds = [row["customer__country__grouping"] for row in body["results"]]
    assert kinds == ["value", "other", "total"]
    *parts, total = (float(row["revenue"]) for row in body["results"])
    assert sum(parts) == pytest.approx(total)
    assert "top 1 by revenue, the rest together, with a total" in body["restated"]
    assert f"{body['results'][0]['customer__country']}" in body["text"]


def test_segments_and_levels(shop: Gateway) -> None:
    segments = good(get(shop, "/segments"), layer.SegmentPage)["items"]
    assert [one["name"] for one in segments] == ["business"]
    paths = good(get(shop, "/hierarchies"), layer.HierarchyPage)["items"]
    assert {one["name"]: one["levels"] for one in paths}["geography"] == ["customer__region", "customer__country", "customer__city"]
    body = asked(shop, metrics=["revenue"], group_by=["customer__region"], drill_down=["customer__region"], segments=["business"])
    plain = asked(
        shop,
        metrics=["revenue"],
        group_by=["customer__region", "customer__country"],
        where=["{{ Dimension('customer__customer_segment') }} IN ('office', 'hospitality')"],
    )
    assert body["results"] == plain["results"]


def test_to_date_counts_to_today_where_no_day_is_named(shop: Gateway) -> None:
    spring: dict[str, Any] = {"metrics": ["orders"], "group_by": ["metric_time__month"], "to_date": "month", "start_time": "2026-03-01"}
    cut = asked(shop, **spring, end_time="2026-05-10")  # a range that ended before today counts to its last day
    assert len(cut["results"]) == 3
    assert cut["results"] == asked(shop, **spring, as_of="2026-05-10", end_time="2026-05-31")["results"]
    assert "each month as far as it had come by 10 May 2026" in cut["restated"]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"calculations": ["shares(revenue)"]}, "DM3130", "calculations[0]"),
        ({"calculations": ["previous(revenue)"]}, "DM3133", ""),
        ({"segments": ["rich"]}, "DM3135", "segments[0]"),
        ({"group_by": ["order__status"], "drill_down": ["status"]}, "DM3136", "drill_down[0]"),
        ({"group_by": ["customer__country"], "top": {"count": 1, "of": ["order__status"]}}, "DM3131", "top.of"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(shop: Gateway, body: dict[str, Any], code: str, path: str) -> None:
    told = problem(post(shop, "/query", {"metrics": ["revenue"], **body}), 422, code)
    if path:
        assert path in str(told["problems"][0]["where"])


@pytest.mark.parametrize("body", [{"top": {"count": 0}}, {"totals": "some"}, {"calculations": [""]}, {"top": {"count": 1, "many": True}}])
def test_what_is_no_query_is_refused(shop: Gateway, body: dict[str, Any]) -> None:
    assert post(shop, "/query", {"metrics": ["revenue"], **body}).status_code == 422
