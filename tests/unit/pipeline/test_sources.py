"""What is told of the models behind an answer: the gravest of what dbt said, and nothing of what the person may not know."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from app.govern.access import access
from app.model.answer import Source, Standing
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.principal import Principal, Role
from app.model.quality import NodeResult, Quality, ResultKind, ResultStatus
from app.pipeline.sources import sources

AT = dt.datetime(2026, 7, 1, 6, tzinfo=dt.UTC)
ORDERS, RAW = "model.shop.orders", "source.shop.raw"
LAYER = Ontology(
    "shop", models=(Model("orders", ORDERS, depends_on=(RAW,), file="models/orders.sql"), Model("raw.orders", RAW, resource_type="source"))
)


def result(name: str, kind: ResultKind, status: ResultStatus, on: str, **more: Any) -> NodeResult:
    unique_id = on if kind in (ResultKind.MODEL, ResultKind.SOURCE) else f"test.{name}"
    return NodeResult(unique_id, kind, name, status, AT, tested=(on,), reads=(on,), generic="unique", **more)


PASSED = result("unique_orders", ResultKind.TEST, ResultStatus.PASS, ORDERS)
FAILED = result("unique_raw", ResultKind.TEST, ResultStatus.FAIL, RAW)
BUILT = result("orders", ResultKind.MODEL, ResultStatus.PASS, ORDERS)
FRESH = result("raw.orders", ResultKind.SOURCE, ResultStatus.PASS, RAW, loaded_at=AT)
STALE = result("raw.orders", ResultKind.SOURCE, ResultStatus.FAIL, RAW, loaded_at=AT)


def told(*results: NodeResult, visible: Ontology = LAYER, role: Role = Role.ADMIN) -> tuple[Source, ...]:
    quality = Quality.of({"postgres": results, "clickhouse": ()})
    layer = SimpleNamespace(ontology=LAYER, placement=lambda _engine: None)
    served = SimpleNamespace(layer=layer, visible=visible, access=access(Principal("usr_1", "", role, "prj"), LAYER))
    turn: Any = SimpleNamespace(governed=SimpleNamespace(models=("orders",)), engine="postgres", served=served)
    deps: Any = SimpleNamespace(quality=lambda: quality)
    return sources(turn, deps)


def test_what_dbt_said_of_the_model_and_of_what_it_is_built_from() -> None:
    assert told(PASSED, BUILT, FRESH) == (Source("orders", "Orders", "models/orders.sql", Standing.PASSED, 1, 0, Standing.PASSED, AT, AT),)


@pytest.mark.parametrize(
    ("results", "tests", "freshness"),
    [
        ((), Standing.UNKNOWN, Standing.UNKNOWN),
        ((PASSED, FAILED), Standing.FAILED, Standing.UNKNOWN),
        ((BUILT, STALE), Standing.UNKNOWN, Standing.FAILED),
    ],
)
def test_the_gravest_counts(results: tuple[NodeResult, ...], tests: Standing, freshness: Standing) -> None:
    (found,) = told(*results)
    assert (found.tests, found.freshness) == (tests, freshness)


def test_who_may_not_know_of_a_table_is_told_that_a_test_failed_and_no_more() -> None:
    some = Ontology("shop", models=LAYER.models[:1])
    (found,) = told(PASSED, FAILED, STALE, visible=some, role=Role.ANALYST)
    assert (found.tests, found.passed_tests, found.failed_tests) == (Standing.FAILED, 1, 0)
    assert (found.freshness, found.loaded_at) == (Standing.FAILED, None)
    assert told(PASSED, visible=Ontology("shop"), role=Role.ANALYST) == ()
