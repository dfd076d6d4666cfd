from __future__ import annotations

import time

import pytest

from app.language.inflect import fold, root, stem
from app.language.lexicon import Lexicon
from app.language.naming import head_phrase
from app.language.senses import Kind
from app.model.answer import Outcome
from app.model.expr import Column
from app.model.ontology import Ontology
from app.model.semantics import EntityType, Measure, SemanticModel
from app.model.types import Aggregation
from tests.unit.language.conftest import Desk, desk
from tests.unit.language.layers import category, key, metric, shop
from tests.unit.language.layers import time as time_dimension

STEMS = """alpha bravo carbon delta ember falcon garnet harbor indigo jasper
kernel lumen mango nickel onyx pebble quartz raven sierra tundra"""
QUESTIONS = [
    "alpha bravo volume by carbon kind last month",
    "mango nickel spend and onyx raven weight by month",
    "something else by delta kind",
]


def large(metrics: int = 1_000, values: int = 0) -> tuple[Ontology, dict[str, tuple[str, ...]]]:
    stems = STEMS.split()
    names = [f"{a}_{b}_{c}" for a in stems for b in stems for c in ("volume", "weight", "spend")][:metrics]
    model = SemanticModel(
        "events",
        "fct_events",
        entities=(key("event", EntityType.PRIMARY),),
        dimensions=(time_dimension("happened_at"), *(category(f"{a}_kind") for a in stems)),
        agg_time_dimension="happened_at",
        measures=tuple(Measure(n, Aggregation.SUM, Column(n)) for n in names),
    )
    held = {f"event__{stems[n % 20]}_kind": () for n in range(20)}
    each = values // 20
    held = {name: tuple(f"{name[7:12]} {n} item{n * 7}" for n in range(each)) for name in held}
    return Ontology("large", semantic_models=(model,), metrics=tuple(metric(n, "events") for n in sorted(names))), held


def test_names_labels_synonyms_plurals_and_values_are_known(ask_shop: Desk) -> None:
    phrases = ask_shop.lexicon.phrases
    assert phrases["turnover",][0].name == "revenue"
    assert phrases["order",][0].kind in (Kind.METRIC, Kind.ENTITY)
    assert phrases["sale", "channel"][0].name == "order__sales_channel"
    assert phrases["channel",][0].name == "order__sales_channel"
    assert phrases["customer", "group"][0].name == "customer__segment"
    assert phrases["web",][0].value == "web"
    assert phrases["germany",][0].value == "Germany"
    assert phrases["food",][0].kind is Kind.FLAG


def test_the_build_does_not_depend_on_the_order_of_things(ask_shop: Desk) -> None:
    layer = shop()
    turned = Ontology(layer.project, models=layer.models[::-1], semantic_models=layer.semantic_models[::-1], metrics=layer.metrics[::-1])
    other = Lexicon.of(turned, {"customer__country": ("Germany", "France", "Côte d'Ivoire")})
    assert other.phrases == ask_shop.lexicon.phrases


def test_a_layer_without_anything_is_no_error() -> None:
    reading = desk(Ontology("empty"))("revenue by country")
    assert reading.query is None


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("countries", "country"),
        ("orders", "order"),
        ("statuses", "status"),
        ("status", "status"),
        ("boxes", "box"),
        ("people", "person"),
        ("analysis", "analysis"),
    ],
)
def test_stems_are_singular(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_roots_join_related_forms() -> None:
    assert root("refunded") == root("refunding") == root("refunds")
    assert root("cancelled") == root("canceled") == root("cancellation")
    assert root("sold") == root("sales")
    assert fold("CAFÉ") == "cafe"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("reveneu", "revenue"),
        ("contry", "country"),
        ("chanel", "channel"),
        ("segmnet", "segment"),
        ("county", None),
        ("revolt", None),
        ("web", None),
        ("tusday", None),
    ],
)
def test_only_sure_misspellings_are_mended(ask_shop: Desk, written: str, meant: str | None) -> None:
    assert ask_shop.lexicon.spelling.correct(written) == meant


@pytest.mark.parametrize(
    ("description", "head"),
    [
        ("The country a customer lives in.", ("country",)),
        ("Number of orders placed.", ("order", "placed")),
        ("", ()),
        ("Name", ()),
        ("City where the store is", ("city",)),
    ],
)
def test_the_head_of_a_description(description: str, head: tuple[str, ...]) -> None:
    assert head_phrase(description) == head


def test_a_thousand_metrics_are_built_in_seconds_and_read_in_milliseconds() -> None:
    ontology, values = large(1_000, 20_000)
    began = time.perf_counter()
    big = desk(ontology, values)
    built = time.perf_counter() - began
    times = []
    for question in QUESTIONS * 5:
        began = time.perf_counter()
        big(question)
        times.append(time.perf_counter() - began)
    assert built < 10
    assert all(big(q).outcome is Outcome.ANSWER for q in QUESTIONS[:2])
    assert sorted(times)[len(times) // 2] < 0.1
    assert big("alpha bravo volume by carbon kind").restated == "Alpha bravo volume by carbon kind"
