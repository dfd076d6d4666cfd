"""Extensions: what they hold stands for the plain part as it was written, and no longer."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace

from app.compile.interchange.extension import opened, sealed
from app.compile.interchange.findings import Kind
from app.model.expr import Column
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Layer, Ontology, SavedQuery
from app.model.physical import Model, ModelColumn
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, NonAdditive, SemanticModel
from app.model.types import Aggregation, DataType, Grain
from app.service.interchange import Converted, Format, export_layer, import_files
from app.sql.expressions.parse import parse_expression, parse_where
from tests.unit.compile.interchange.drafts import document, metric, told

COLUMNS = (
    ModelColumn("order_id", DataType.INTEGER),
    ModelColumn("at", DataType.DATE),
    ModelColumn("amount", DataType.DECIMAL),
    ModelColumn("status", DataType.TEXT),
)
TIME = Dimension("at", DimensionType.TIME, Column("at"), Grain.DAY)
STATUS = Dimension("status", DimensionType.CATEGORICAL, Column("status"), synonyms=("state",), meta='{"a":{"b":[false,null,[]]}}')
BIG = Dimension("big", DimensionType.CATEGORICAL, parse_expression("amount > 100", "postgres"))
ENTITIES = (Entity("order", EntityType.PRIMARY, Column("order_id")), Entity("customer", EntityType.FOREIGN, Column("customer_id")))
MEASURES = (
    Measure("total", Aggregation.SUM, Column("amount"), "at"),
    Measure("rows", Aggregation.COUNT, parse_expression("1", "postgres"), "at"),
    Measure("p95", Aggregation.PERCENTILE, Column("amount"), "at", 0.95, discrete=True),
    Measure("last", Aggregation.SUM, Column("amount"), "at", non_additive=NonAdditive("at", "max", ("customer",))),
)
ORDERS = SemanticModel("orders", "fct_orders", ENTITIES, (TIME, STATUS, BIG), MEASURES, agg_time_dimension="at", group="g", meta='{"x":1}')
PEOPLE = SemanticModel(
    "people",
    "dim_people",
    (Entity("customer", EntityType.PRIMARY, Column("id")),),
    (Dimension("country", DimensionType.CATEGORICAL, Column("country")),),
)


def given(measure: str, **more: object) -> MeasureInput:
    return MeasureInput("orders", measure, **more)  # type: ignore[arg-type]


METRICS = (
    Metric("conv", Conversion(given("rows"), given("rows"), "customer", "conversions", Window(7, "day"), (("status", "status"),))),
    Metric("filled", Simple(given("total", fill_nulls_with=0, join_to_timespine=True)), grain=Grain.MONTH, tags=("t",)),
    Metric(
        "growth",
        Derived(
            parse_expression("now - before", "postgres"),
            (MetricInput("sales", "now"), MetricInput("sales", "before", None, Window(1, "month"))),
        ),
    ),
    Metric("last_amount", Simple(given("last"))),
    Metric("paid", Simple(given("total")), filter=parse_where("{{ Dimension('order__status') }} = 'paid'")),
    Metric("german", Simple(given("total")), filter=parse_where("{{ Dimension('customer__country') }} = 'Germany'")),
    Metric(
        "paid_share", Ratio(MetricInput("sales", filter=parse_where("{{ Dimension('order__status') }} = 'paid'")), MetricInput("sales"))
    ),
    Metric("sales", Simple(given("total")), unit="EUR", format="#,##0", synonyms=("turnover",)),
    Metric("top", Simple(given("p95"))),
    Metric("week", Cumulative(given("total"), Window(7, "day"), period_agg="last")),
)
LAYER = Layer(
    Ontology(
        "shop",
        "postgres",
        (Model("dim_people", "model.shop.dim_people"), Model("fct_orders", "model.shop.fct_orders", columns=COLUMNS)),
        (ORDERS, PEOPLE),
        tuple(sorted(METRICS, key=lambda m: m.name)),
        (SavedQuery("q", ("sales",), ("Dimension('order__status')",), limit=3, cached=True),),
    )
)
FORMATS = (Format.OSI, Format.CUBE, Format.LIGHTDASH)


def again(exported: Converted, of: Format, change: Callable[[str], str] = lambda text: text) -> Converted:
    return import_files([(name, change(text).encode()) for name, text in exported.files.items()], of)


@pytest.mark.parametrize("of", FORMATS)
def test_what_comes_back_unchanged_is_exact(of: Format) -> None:
    found = again(export_layer(LAYER, of), of)
    assert found.findings == ()
    whole = document(found)
    assert {m["name"] for m in whole["metrics"]} == {m.name for m in METRICS}
    assert {m["name"] for m in whole["semantic_models"]} == {"orders", "people"}
    status = next(d for m in whole["semantic_models"] for d in m["dimensions"] if d["name"] == "status")
    assert status["config"]["meta"] == {"a": {"b": [False, None, []]}, "datamind": {"synonyms": ["state"]}}
    assert metric(found, "filled") == {
        "name": "filled",
        "label": "filled",
        "type": "simple",
        "type_params": {"measure": {"name": "total", "fill_nulls_with": 0, "join_to_timespine": True}},
        "time_granularity": "month",
        "config": {"tags": ["t"]},
    }
    assert whole["saved_queries"] == [
        {
            "name": "q",
            "config": {"cache": {"enabled": True}},
            "query_params": {"metrics": ["sales"], "group_by": ["Dimension('order__status')"], "limit": 3},
        }
    ]


@pytest.mark.parametrize("of", [Format.OSI, Format.CUBE])
def test_a_changed_metric_is_read_by_its_plain_part(of: Format) -> None:
    exported = export_layer(LAYER, of)
    old, new = (
        ("sum(orders.amount)", "max(orders.amount)")
        if of is Format.OSI
        else ("type: sum\n        format: currency", "type: max\n        format: currency")
    )
    assert sum(text.count(old) for text in exported.files.values()) >= 1
    found = again(exported, of, lambda text: text.replace(old, new, 1))
    measures = {m["name"]: m for s in document(found)["semantic_models"] for m in s.get("measures", ())}
    assert "max" in {m["agg"] for m in measures.values()}
    assert metric(found, "week")["type"] == "cumulative", "the others stay as they are"


@pytest.mark.parametrize("of", FORMATS)
def test_a_changed_dataset_makes_the_plain_part_count(of: Format) -> None:
    found = again(export_layer(LAYER, of), of, lambda text: text.replace("country", "land").replace("definition:", "definition:"))
    assert "DM2663" in {code for code, _ in told(found, Kind.CHANGED, Kind.LOST)}
    assert "conv" not in {m["name"] for m in document(found)["metrics"]}
    assert metric(found, "sales")["type"] == "simple"


@pytest.mark.parametrize("of", FORMATS)
def test_what_the_plain_part_lacks_is_told(of: Format) -> None:
    lost = {f.subject for f in export_layer(LAYER, of, extended=False).findings if f.kind is Kind.LOST}
    assert {"metric `conv`", "metric `last_amount`", "saved query `q`", "metric `filled`"} <= lost
    assert ("metric `growth`" in lost) == (of is not Format.CUBE)
    assert ("metric `week`" in lost) == (of is not Format.CUBE)
    assert ("metric `german`" in lost) == (of is Format.LIGHTDASH)
    assert not {"metric `sales`", "metric `paid`", "metric `paid_share`", "metric `top`"} & lost


@pytest.mark.parametrize("of", FORMATS)
def test_what_is_plain_is_imported(of: Format) -> None:
    found = again(export_layer(LAYER, of, extended=False), of)
    assert told(found, Kind.LOST) == []
    assert metric(found, "paid_share")["type"] == "ratio"
    if of is not Format.LIGHTDASH:
        assert metric(found, "german")["filter"] == "{{ Dimension('people__country') }} = 'Germany'"


@pytest.mark.parametrize("of", FORMATS)
def test_names_of_entities_that_keys_do_not_tell(of: Format) -> None:
    lost = {(f.subject, f.lost) for f in export_layer(LAYER, of, extended=False).findings}
    assert ("entity `people.customer`", "its name") in lost
    assert ("entity `orders.order`", "its name") not in lost


@pytest.mark.parametrize("of", FORMATS)
def test_braces_in_texts_are_no_references(of: Format) -> None:
    odd = Metric("odd", Simple(given("total")), filter=parse_where("{{ Dimension('order__status') }} = '{x}'"))
    layer = Layer(msgspec.structs.replace(LAYER.ontology, metrics=(odd,)))
    lost = {f.subject for f in export_layer(layer, of, extended=False).findings if f.lost == "the metric"}
    assert lost == (set() if of is Format.OSI else {"metric `odd`"})


def test_a_seal_is_over_values() -> None:
    made = sealed({"a": 1}, {"x": 1, "y": [True, None]})
    assert opened(json.loads(json.dumps(made)), {"y": [True, None], "x": 1}) == {"a": 1}
    assert opened(made, {"x": 2, "y": [True, None]}) is None
    assert opened(made | {"version": 2}, {"x": 1, "y": [True, None]}) is None
    assert opened("no", {}) is None


@pytest.mark.parametrize(("count", "said"), [(1, "1 metric"), (2, "2 metrics")])
def test_one_metric_is_said_to_be_one(count: int, said: str) -> None:
    metrics = tuple(Metric(f"sales{number}", Simple(given("total")), unit="EUR") for number in range(count))
    layer = replace(LAYER, ontology=replace(LAYER.ontology, metrics=metrics, saved_queries=()))
    for of in (Format.OSI, Format.LIGHTDASH):
        assert [found.subject for found in export_layer(layer, of).findings if "no units" in found.reason] == [said]
