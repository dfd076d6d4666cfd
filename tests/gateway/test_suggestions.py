"""Suggestions over HTTP, on the demo business: completions are answered, and what others ask is shown without their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from app.gateway.schemas.suggestions import CompletionsReply, TrendingReply
from app.model.expr import And, Binary, Field, Literal
from app.model.ids import first_id, new_id
from app.model.principal import Principal, Role
from app.model.query import SemanticQuery, TimeRange
from app.model.records import QueryRecord
from app.model.shapes import Calculation, MetricValue, Share
from app.model.types import DataType
from app.service.ask import ask
from app.service.audit import Caller
from app.service.completions import completions
from app.service.serving import serving_of
from app.service.trending import trending
from app.sql.calculations import default_name
from tests.gateway.conftest import Gateway, problem, serving
from tests.support.demo import Demo

_TYPED = "|r|rev|revenue |revenue by|revenue in|top|top 5 co|how m|or|orders last|share|ber|ger|refund rate by |cus|av|units sold in "
PREFIXES = _TYPED.split("|")


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


def person(demo: Demo, name: str, role: Role = Role.ADMIN, **attributes: str) -> Caller:
    """Somebody of that name."""
    return Caller(
        Principal(f"usr_{name}", f"{name}@example.com", role, demo.settings.project_id, attributes=tuple(attributes.items())), "test"
    )


def suggested(shop: Gateway, path: str = "", role: str = "analyst", **params: Any) -> list[dict[str, Any]]:
    reply = shop.client.get(f"/api/v1/suggestions{path}", params=params, headers=shop.bearer(role))
    assert reply.status_code == 200, reply.text
    (TrendingReply if path else CompletionsReply).model_validate_json(reply.text)
    return list(reply.json()["items"])


@pytest.mark.parametrize("typed", PREFIXES)
def test_what_is_suggested_is_answered(shop: Gateway, typed: str) -> None:
    for item in suggested(shop, q=typed):
        read = shop.client.post("/api/v1/semantic/interpret", json={"question": item["question"]}, headers=shop.bearer())
        assert (read.json()["outcome"], read.json()["restated"]) == ("answer", item["restated"])
    assert len(suggested(shop, q=typed, limit=2)) <= 2


def test_most_beginnings_have_completions(shop: Gateway) -> None:
    empty = [typed for typed in PREFIXES if not suggested(shop, q=typed)]
    assert len(empty) <= 2, empty


def test_who_may_not_ask_is_suggested_nothing(shop: Gateway) -> None:
    for path in ("", "/trending"):
        problem(shop.client.get(f"/api/v1/suggestions{path}", headers=shop.bearer("viewer")), 403, "DM7010")
        problem(shop.client.get(f"/api/v1/suggestions{path}"), 401, "DM7002")
    problem(shop.client.get("/api/v1/suggestions", params={"limit": 99}, headers=shop.bearer()), 422, "DM7031")


def test_what_is_suggested_to_people_of_a_region_names_no_value_of_another(demo: Demo) -> None:
    """Values are those that the caller's own policies leave: who sees one region only is not completed another one's towns."""
    near, far = (person(demo, f"of_{region}", Role.ANALYST, region=region) for region in ("DACH", "Nordics"))
    views = [demo.deps.serving.view(caller.principal).lexicon for caller in (near, far)]
    cities = [{v for facts in view.dimensions.values() for v in facts.values} for view in views]
    for own, others, caller in ((cities[0], cities[1], near), (cities[1], cities[0], far)):
        for value in sorted(others - own)[:20]:
            for end in (2, 3, len(value)):
                for one in completions(demo.deps, caller, f"revenue in {value[:end]}", 10):
                    assert value not in one.question


def asked(demo: Demo, name: str, *questions: str, role: Role = Role.ADMIN, **attributes: str) -> None:
    for question in questions:
        ask(demo.deps, person(demo, name, role, **attributes), question)


def trends(demo: Demo, caller: Caller) -> list[str]:
    return [one.question for one in trending(demo.deps, caller, 7, 50)]


def test_what_several_people_asked_is_shown_in_our_words(demo: Demo, shop: Gateway) -> None:
    ana = person(demo, "ana")
    asked(
        demo,
        "ana",
        "pls show me the refund rate by city last month",
        "gross margin by country in 2025",
        "gross margin by country in 2025",
    )
    assert not any(one.startswith("Refund rate by city") for one in trends(demo, ana))
    asked(demo, "ben", "refund rate per city last month?")
    found = trends(demo, person(demo, "dan"))
    assert [one for one in found if one.startswith("Refund rate by city")] == ["Refund rate by city, 1 Jun 2026 to 30 Jun 2026"]
    assert not any("pls" in one or "per city" in one for one in found)
    items = suggested(shop, "/trending", "admin", days=7, limit=50)
    assert [item["question"] for item in items] == found
    reply = shop.client.post("/api/v1/query", json={"semantic_query": items[0]["query"]}, headers=shop.bearer("admin"))
    assert reply.status_code == 200, reply.text
    assert "last month" not in str(items)


def test_more_people_come_first(demo: Demo) -> None:
    asked(demo, "ana", "orders by city last quarter")
    asked(demo, "ben", "orders by city last quarter")
    for name in ("ana", "ben", "cia"):
        asked(demo, name, "units sold by city last quarter")
    found = trends(demo, person(demo, "dan"))
    fewer, more = (
        next(at for at, one in enumerate(found) if one.startswith(f"{metric} by city, 1 Apr 2026")) for metric in ("Orders", "Units sold")
    )
    assert more < fewer


def test_who_asks_does_not_count_for_themselves(demo: Demo) -> None:
    """Else one who asks a thing would learn whether one other person asks it too."""
    asked(demo, "ana", "refunded amount by city last quarter")
    asked(demo, "ben", "refunded amount by city last quarter")
    seen = {name: any(one.startswith("Refunded amount by city") for one in trends(demo, person(demo, name))) for name in ("ana", "dan")}
    assert seen == {"ana": False, "dan": True}


def test_a_metric_that_the_caller_may_not_see_is_neither_counted_nor_shown(demo: Demo) -> None:
    for name in ("ana", "ben"):
        asked(demo, name, "average order value in 2025")
    layer = demo.deps.serving.layer()
    less = tuple(metric for metric in layer.ontology.metrics if metric.name != "average_order_value")
    without = serving_of(msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, metrics=less)))
    shown, hidden = (trends(one, person(demo, "eve")) for one in (demo, replace(demo, deps=replace(demo.deps, serving=without))))
    assert any(one.startswith("Average order value") for one in shown)
    assert not any("order value" in one for one in hidden)


def test_values_that_the_caller_may_not_see_are_neither_counted_nor_shown(demo: Demo) -> None:
    for name in ("nor", "nils"):
        asked(demo, name, "orders in Sweden in 2024", role=Role.ANALYST, region="Nordics")
    assert any("Sweden" in one for one in trends(demo, person(demo, "nea", Role.ANALYST, region="Nordics")))
    assert not any("1 Jan 2024" in one for one in trends(demo, person(demo, "dora", Role.ANALYST, region="DACH")))


def test_conditions_on_what_is_personal_are_left_out(demo: Demo) -> None:
    """A key of somebody, and a dimension that is marked as personal: two people asked of two others, and it is one question."""
    span = TimeRange(dt.date(2024, 3, 1), dt.date(2024, 5, 31))
    for name, key, city in (("ana", 11, "Berlin"), ("ben", 12, "Hamburg")):
        where = And(
            (
                Binary("=", Field("customer"), Literal(key, DataType.INTEGER)),
                Binary("=", Field("customer__city"), Literal(city, DataType.TEXT)),
            )
        )
        logged(demo, name, SemanticQuery(("orders",), where=where, time=span))
    layer = demo.deps.serving.layer()
    models = tuple(
        msgspec.structs.replace(
            m, dimensions=tuple(msgspec.structs.replace(d, pii="address") if d.name == "city" else d for d in m.dimensions)
        )
        for m in layer.ontology.semantic_models
    )
    marked = serving_of(msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, semantic_models=models)))
    found = trends(replace(demo, deps=replace(demo.deps, serving=marked)), person(demo, "dan"))
    assert [one for one in found if "1 Mar 2024" in one] == ["Orders, 1 Mar 2024 to 31 May 2024"]
    assert not any("1 Mar 2024" in one for one in trends(demo, person(demo, "dan")))


def test_what_somebody_called_a_column_is_shown_to_nobody(demo: Demo) -> None:
    """A query to go on from may bear any names: two accounts of one person would put their words under the question box of everybody."""
    span = TimeRange(dt.date(2024, 6, 1), dt.date(2024, 8, 31))
    share = Share(MetricValue("orders"))
    for name in ("ana", "ben"):
        for called in ("call 0800 for a prize", default_name(share)):
            logged(demo, name, SemanticQuery(("orders",), time=span, calculations=(Calculation(called, share),)))
    found = [one for one in trending(demo.deps, person(demo, "dan"), 7, 50) if "1 Jun 2024" in one.question]
    assert len(found) == 1
    assert "prize" not in str(found)


def logged(demo: Demo, name: str, query: SemanticQuery) -> None:
    """A turn that came to this query."""
    asking = person(demo, name).principal
    made = dt.datetime.now(dt.UTC)
    demo.deps.queries.add(
        QueryRecord(
            new_id("qry"),
            asking.project_id,
            asking.user_id,
            "test",
            "succeeded",
            made,
            question="of somebody",
            semantic_query=query.canonical().decode(),
        )
    )


def test_ids_begin_with_their_time() -> None:
    before, now = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=s) for s in (-2, 2))
    assert first_id("qry", before) < new_id("qry") < first_id("qry", now)
