"""A layer of which only some nodes are wanted stays whole in itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.compile.selection.evaluate import Selected
from app.compile.selection.nodes import Nodes, Selectable
from app.model.expr import And, Binary, Field, Literal
from app.model.metrics import measure_inputs, metric_inputs
from app.model.ontology import Layer, SavedQuery, Segment
from app.model.types import DataType
from app.service.narrowed import narrowed
from tests.unit.language.layers import shop

LAYER = Layer(replace(shop(), saved_queries=(SavedQuery("both", ("orders", "revenue")), SavedQuery("one", ("revenue",)))))


def selected(*ids: str) -> Selected:
    nodes = {one: Selectable(one, one.rpartition(".")[2], one.partition(".")[0]) for one in ids}
    return Selected(frozenset(ids), Nodes("shop", nodes, b""))


@pytest.mark.parametrize("name", [metric.name for metric in LAYER.ontology.metrics])
def test_a_metric_brings_all_that_it_stands_on(name: str) -> None:
    kept = narrowed(LAYER, selected(f"metric.shop.{name}")).ontology
    names, models = {metric.name for metric in kept.metrics}, {model.name for model in kept.semantic_models}
    assert name in names
    for metric in kept.metrics:
        assert {given.metric for given in metric_inputs(metric.params)} <= names
        assert {given.semantic_model for given in measure_inputs(metric.params)} <= models
    assert kept.saved_queries == ()


def test_what_is_not_selected_goes() -> None:
    kept = narrowed(
        LAYER, selected("metric.shop.revenue", "semantic_model.shop.customers", "saved_query.shop.both", "saved_query.shop.one")
    ).ontology
    assert [metric.name for metric in kept.metrics] == ["revenue"]
    assert [model.name for model in kept.semantic_models] == ["customers", "orders"]
    assert [query.name for query in kept.saved_queries] == ["one"]
    assert narrowed(LAYER, selected()).ontology.metrics == ()


def test_a_filter_brings_what_its_names_lead_to() -> None:
    ontology = shop()
    abroad = Binary("=", Field("customer__country"), Literal("FR", DataType.TEXT))
    busy = Binary(">", Field("orders", "metric", group_by=("customer",)), Literal(1, DataType.INTEGER))
    metrics = tuple(replace(m, filter=And((abroad, busy))) if m.name == "revenue" else m for m in ontology.metrics)
    segments = tuple(Segment(name, name, abroad) for name in ("orders", "order_lines"))
    layer = Layer(replace(ontology, metrics=metrics, segments=segments))
    kept = narrowed(layer, selected("metric.shop.revenue")).ontology
    assert {metric.name for metric in kept.metrics} == {"revenue", "orders"}
    assert [model.name for model in kept.semantic_models] == ["customers", "orders"]
    assert [segment.name for segment in kept.segments] == ["orders"]
