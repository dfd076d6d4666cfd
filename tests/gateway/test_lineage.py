"""Lineage over HTTP, of the demo's published layer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.gateway.schemas.lineage import ImpactReply, LineageReply
from tests.gateway.conftest import Gateway, problem, serving
from tests.support.demo import Demo


@pytest.fixture(scope="module")
def gateway(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


def test_a_metrics_lineage_reaches_the_sources(gateway: Gateway) -> None:
    answer = gateway.client.get("/api/v1/lineage/metrics/revenue", headers=gateway.bearer("admin"))
    assert answer.status_code == 200, answer.text
    found = LineageReply.model_validate(answer.json())
    assert found.starts == ["metric:revenue"]
    assert found.complete
    ends = {f"{end.model}.{end.column}": end.roles for end in found.ends}
    assert ends["shop.order_lines.unit_price"] == ["value"]
    assert ends["shop.orders.status"] == ["filter"]
    points = {point.id: point for point in found.points}
    assert points[0].file == "models/metrics/sales_simple.yml"
    assert points[0].line > 0
    assert {(points[link.start].kind, link.role, points[link.end].kind) for link in found.links} >= {
        ("metric", "value", "measure"),
        ("measure", "value", "column"),
        ("measure", "rows", "rows"),
        ("measure", "time", "dimension"),
        ("rows", "filter", "column"),
    }


def test_an_analyst_sees_what_they_may_know_of(gateway: Gateway) -> None:
    answer = gateway.client.get("/api/v1/lineage/metrics/revenue", headers=gateway.bearer("analyst"))
    found = LineageReply.model_validate(answer.json())
    assert found.hidden > 0
    assert not found.complete
    assert "shop." not in answer.text
    assert [point.kind for point in found.points].count("hidden") == 1


def test_impact_of_a_column(gateway: Gateway) -> None:
    answer = gateway.client.get("/api/v1/lineage/impact", params={"from": "stg_refunds.refund_amount"}, headers=gateway.bearer("admin"))
    assert answer.status_code == 200, answer.text
    found = ImpactReply.model_validate(answer.json())
    assert {"refunded_amount", "refund_rate", "net_revenue"} <= {one.name for one in found.metrics}
    assert "revenue" not in {one.name for one in found.metrics}
    assert {f"{one.owner}.{one.name}" for one in found.columns} >= {"fct_order_lines.refunded_amount", "fct_order_lines.is_refunded"}


def test_names_that_nothing_has(gateway: Gateway) -> None:
    head = gateway.bearer("viewer")
    problem(gateway.client.get("/api/v1/lineage/metrics/revenu", headers=head), 404, "DM3001")
    problem(gateway.client.get("/api/v1/lineage/impact", params={"from": "nothing"}, headers=head), 404, "DM3096")
    problem(gateway.client.get("/api/v1/lineage/impact", params={"from": "customer"}, headers=gateway.bearer("admin")), 422, "DM3097")
    assert gateway.client.get("/api/v1/lineage/impact", headers=head).status_code == 422
    assert gateway.client.get("/api/v1/lineage/metrics/revenue").status_code == 401
