"""The join graph: what names mean, which are refused, and why no join repeats a row."""

from __future__ import annotations

import msgspec
import pytest

from app.errors import UserError
from app.model.expr import Column
from app.model.metrics import Derived, MeasureInput, Metric, MetricInput, Simple
from app.model.ontology import Ontology
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, Grain
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY

GRAPH = JoinGraph.of(ONTOLOGY)


def model(name: str, entities: dict[str, EntityType], *dimensions: str, primary: str = "") -> SemanticModel:
    return SemanticModel(
        name,
        name,
        tuple(Entity(e, kind, Column(f"{e}_id")) for e, kind in entities.items()),
        tuple(Dimension(d, DimensionType.CATEGORICAL, Column(d)) for d in dimensions),
        (Measure(f"{name}_count", Aggregation.COUNT, Column("x")),),
        primary_entity=primary,
    )


P, F, U, N = EntityType.PRIMARY, EntityType.FOREIGN, EntityType.UNIQUE, EntityType.NATURAL
SHOPS = JoinGraph.of(
    Ontology(
        "shops",
        semantic_models=(
            model("people", {"person": P, "home": F}, "country", "name"),
            model("places", {"home": P, "code": U}, "country", "town"),
            model("sales", {"sale": P, "person": F, "seller": F, "code": F}, "kind"),
            model("sellers", {"seller": P, "home": F}, "country"),
            model("stays", {"person": F, "hotel": F}, "nights", primary="stay"),
            model("terms", {"seller": N}, "bonus"),
        ),
        metrics=(
            Metric("sold", Simple(MeasureInput("sales", "sales_count"))),
            Metric("stayed", Simple(MeasureInput("stays", "stays_count"))),
        ),
    )
)


@pytest.mark.parametrize(
    ("start", "name", "owner", "ways"),
    [
        ("orders", "order__status", "orders", ()),
        ("orders", "customer__country", "customers", ("customer",)),
        ("orders", "customer__region__region_name", "regions", ("customer", "region")),
        ("orders", "customer", "orders", ()),
        ("orders", "region_name", "regions", ("customer", "region")),
        ("orders", "region__region_name", "regions", ("customer", "region")),
        ("lines", "customer__country", "customers", ("order", "customer")),
        ("lines", "order__customer__region__region_name", "regions", ("order", "customer", "region")),
        ("lines", "order__customer", "orders", ("order",)),
        ("orders", "status", "orders", ()),
    ],
)
def test_found(start: str, name: str, owner: str, ways: tuple[str, ...]) -> None:
    found = GRAPH.resolve(start, name)
    assert (found.owner.name, tuple(hop.entity for hop in found.hops)) == (owner, ways)


def test_a_path_says_the_way() -> None:
    assert GRAPH.resolve("lines", "country", ("order", "customer")).name == "order__customer__country"


def test_a_unique_entity_is_joined_onto() -> None:
    assert SHOPS.resolve("sales", "code__town").owner.name == "places"


def test_a_name_of_ones_own_by_its_unique_entity() -> None:
    assert SHOPS.resolve("places", "code__town").hops == ()


def test_a_virtual_primary_entity_names_ones_own() -> None:
    assert SHOPS.resolve("stays", "stay__nights").name == "stay__nights"


def test_an_ambiguous_name_lists_every_path() -> None:
    with pytest.raises(UserError) as caught:
        SHOPS.resolve("sales", "country")
    problem = caught.value.problem
    assert problem.code == "DM3004"
    for path in ("person__country", "seller__country", "code__country", "person__home__country", "seller__home__country"):
        assert f"`{path}`" in problem.message


def test_two_ways_to_one_entity_are_ambiguous() -> None:
    with pytest.raises(UserError, match="DM3004"):
        SHOPS.resolve("sales", "home__town")


def test_no_join_repeats_rows() -> None:
    with pytest.raises(UserError) as caught:
        GRAPH.resolve("customers", "visit__channel")
    assert caught.value.problem.code == "DM3005"
    with pytest.raises(UserError) as caught:
        GRAPH.resolve("orders", "visit__channel")
    assert "count rows more than once" in caught.value.problem.hint


def test_never_onto_a_foreign_entity() -> None:
    for start in SHOPS.semantic_models:
        for found in SHOPS.items(start).values():
            for hop in found.hops:
                target = SHOPS.semantic_models[hop.semantic_model]
                assert next(e.type for e in target.entities if e.name == hop.entity) in (P, U)


def test_a_natural_key_without_a_validity_window_may_repeat_rows() -> None:
    with pytest.raises(UserError, match=r"DM300[25]"):
        SHOPS.resolve("sales", "seller__bonus")
    assert not SHOPS.has_validity


def test_a_natural_key_with_a_validity_window_is_joined() -> None:
    dated = msgspec.structs.replace(
        SHOPS.semantic_models["terms"],
        dimensions=(
            *SHOPS.semantic_models["terms"].dimensions,
            *(Dimension(f"valid_{v}", DimensionType.TIME, Column(f"valid_{v}"), Grain.DAY, validity=v) for v in ("start", "end")),
        ),
    )
    others = tuple(dated if model.name == "terms" else model for model in SHOPS.semantic_models.values())
    graph = JoinGraph.of(Ontology("x", semantic_models=others))
    assert graph.has_validity
    assert [hop.semantic_model for hop in graph.resolve("sales", "seller__bonus").hops] == ["terms"]


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UserError) as caught:
        GRAPH.resolve("orders", "customer__contry")
    assert caught.value.problem.code == "DM3002"
    assert "customer__country" in caught.value.problem.hint


def test_metrics() -> None:
    with pytest.raises(UserError, match=r"DM3001.*did you mean `revenue`"):
        GRAPH.metric("revenu")
    assert {i.measure for i in GRAPH.inputs("kept_share")} == {"amount", "refunded"}


def test_a_cycle_is_shown() -> None:
    a = Metric("a", Derived(Column("b"), (MetricInput("b"),)))
    b = Metric("b", Derived(Column("a"), (MetricInput("a"),)))
    with pytest.raises(UserError, match=r"DM3008.*a → b → a"):
        JoinGraph.of(Ontology("x", metrics=(a, b))).inputs("a")


def test_compatible_dimensions_are_what_all_share() -> None:
    orders, visits = set(GRAPH.compatible_dimensions(["orders"])), set(GRAPH.compatible_dimensions(["visits"]))
    assert {"metric_time", "customer", "customer__country", "order__status", "region__region_name"} <= orders
    assert "order__status" not in visits
    assert set(GRAPH.compatible_dimensions(["orders", "visits"])) == orders & visits
    assert "metric_time" not in SHOPS.compatible_dimensions(["sold"])
    assert set(GRAPH.compatible_dimensions([])) >= {"visit__channel", "order__status"}


def test_every_listed_item_resolves_to_what_was_listed() -> None:
    for graph in (GRAPH, SHOPS):
        for start in graph.semantic_models:
            for name, listed in graph.items(start).items():
                found = graph.resolve(start, name)
                assert (found.owner, found.element) == (listed.owner, listed.element)


def test_custom_grains_are_known_in_items() -> None:
    assert GRAPH.group_by("metric_time__month").grain == "month"
