"""Ways that are one, ways that are several, how they are told, and that no diamond explodes."""

from __future__ import annotations

import msgspec
import pytest

from app.errors import UserError
from app.model.expr import Call, Column
from app.model.metrics import MeasureInput, Metric, Simple
from app.model.ontology import Ontology
from app.model.physical import ColumnReference, Model, ModelColumn
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType, Grain
from app.sql.joins import Hop, JoinGraph
from tests.support.pace import paces

P, F, U, N = EntityType.PRIMARY, EntityType.FOREIGN, EntityType.UNIQUE, EntityType.NATURAL


def model(name: str, *keys: tuple[str, EntityType, str], of: str = "", holds: tuple[str, ...] = (), **more: object) -> SemanticModel:
    return SemanticModel(
        name,
        of or name,
        tuple(Entity(entity, kind, Column(expr)) for entity, kind, expr in keys),
        tuple(Dimension(d, DimensionType.CATEGORICAL, Column(d)) for d in holds),
        (Measure(f"{name}_rows", Aggregation.COUNT, Column("id")),),
        **more,  # type: ignore[arg-type]
    )


def graph(*models: SemanticModel, tables: tuple[Model, ...] = ()) -> JoinGraph:
    metrics = tuple(Metric(m.name, Simple(MeasureInput(m.name, f"{m.name}_rows"))) for m in models)
    return JoinGraph.of(Ontology("x", models=tables, semantic_models=models, metrics=metrics))


def refusal(joins: JoinGraph, start: str, name: str) -> tuple[str, str]:
    with pytest.raises(UserError) as caught:
        joins.resolve(start, name)
    return caught.value.problem.code, f"{caught.value.problem.message} ({caught.value.problem.hint})"


def levels(depth: int, *, other: str = "n") -> tuple[SemanticModel, ...]:
    """A diamond on a diamond: from each level two entities lead to the next, by one column or by two."""
    found = []
    for i in range(depth + 1):
        keys = [(f"a{i}", U, "id"), (f"b{i}", U, "id")] if i else [("base", P, "id")]
        keys += [(f"a{i + 1}", F, "n"), (f"b{i + 1}", F, other)] if i < depth else []
        found.append(model(f"l{i}", *keys, holds=(f"d{i}",)))
    return tuple(found)


def test_two_names_of_one_column_are_one_way_at_every_level() -> None:
    joins = graph(*levels(10))
    assert len(joins.resolve("l0", "d10").hops) == 10
    mixed = "__".join(f"{'ab'[i % 2]}{i}" for i in range(1, 11))
    assert joins.resolve("l0", f"{mixed}__d10").name == f"{mixed}__d10"
    assert joins.resolve("l0", f"{mixed}__d10").meaning == joins.resolve("l0", "d10").meaning
    assert joins.place("l0", joins.resolve("l0", f"{mixed}__d10").hops) is joins.place("l0", joins.resolve("l0", "d10").hops)


def test_a_thousand_ways_are_refused_in_no_time() -> None:
    assert paces(a_thousand_ways, 1_500) <= 1_500


def a_thousand_ways() -> None:
    joins = graph(*levels(10, other="m"))
    code, said = refusal(joins, "l0", "d10")
    assert code == "DM3004"
    assert said.count("(of l10)") == 8
    assert "and more" in said
    assert joins.items("l0")
    path = "__".join(f"b{i}" for i in range(1, 11))
    assert joins.resolve("l0", f"{path}__d10").hops[-1] == Hop("b10", "l10")


def test_a_name_that_says_enough_is_found_behind_a_crowd() -> None:
    joins = graph(
        *levels(6, other="m"), model("end", ("e", P, "id"), holds=("z",)), model("lone", ("q", P, "id"), ("e", F, "e"), ("a6", F, "k"))
    )
    assert joins.resolve("lone", "z").name == "e__z"
    assert joins.resolve("lone", "d6").name == "a6__d6"


def test_cycles_end() -> None:
    joins = graph(
        model("orders", ("order", P, "id"), ("customer", F, "customer_id")),
        model("customers", ("customer", P, "id"), ("region", F, "region_id"), holds=("name",)),
        model("regions", ("region", P, "id"), ("customer", F, "best_customer_id"), ("country", F, "country_id"), holds=("label",)),
        model("countries", ("country", P, "id"), ("region", F, "capital_region_id"), holds=("flag",)),
    )
    assert joins.resolve("orders", "label").name == "customer__region__label"
    assert joins.resolve("orders", "flag").name == "customer__region__country__flag"


def test_two_semantic_models_over_one_model_with_one_key_are_one_place() -> None:
    joins = graph(
        model("orders", ("order", P, "id"), ("customer", F, "customer_id")),
        model("customers", ("customer", P, "id"), ("home", F, "home_id"), of="people", holds=("name", "town")),
        model("buyers", ("customer", P, "id"), ("home", F, "home_id"), of="people", holds=("name", "tier")),
        model("homes", ("home", P, "id"), holds=("size",)),
    )
    assert joins.resolve("orders", "customer__name").owner.name == "buyers", "both mean one column"
    assert joins.resolve("orders", "size").name == "customer__home__size"
    one, other = ((Hop("customer", name),) for name in ("customers", "buyers"))
    assert joins.place("orders", one) is joins.place("orders", other)


def test_two_semantic_models_over_one_model_with_other_keys_are_two() -> None:
    joins = graph(
        model("orders", ("order", P, "id"), ("customer", F, "customer_id"), ("buyer", F, "customer_id")),
        model("customers", ("customer", P, "id"), of="people", holds=("name",)),
        model("buyers", ("buyer", P, "other_id"), of="people", holds=("name",)),
    )
    assert refusal(joins, "orders", "name")[0] == "DM3004"


PROFILES = (
    model("orders", ("order", P, "id"), ("customer", F, "customer_id"), ("account", F, "customer_id")),
    model("customers", ("customer", P, "id"), ("holder", F, "id")),
    model("accounts", ("account", P, "id"), ("holder", F, "id")),
    model("profiles", ("holder", P, "id"), holds=("colour",)),
)


def test_a_column_that_only_passes_a_model_leads_there_at_once_where_it_can() -> None:
    direct = model("orders", ("order", P, "id"), ("customer", F, "customer_id"), ("holder", F, "customer_id"))
    assert graph(direct, *PROFILES[1:]).resolve("orders", "colour").name == "holder__colour"


def with_reference(model: str, column: str, other: str, key: str) -> tuple[Model, ...]:
    return (Model(model, f"model.x.{model}", columns=(ModelColumn(column, references=ColumnReference(other, key)),)),)


def both(*references: tuple[str, str, str, str]) -> tuple[Model, ...]:
    return tuple(table for reference in references for table in with_reference(*reference))


@pytest.mark.parametrize(
    ("tables", "one"),
    [
        ((), False),
        (both(("orders", "customer_id", "customers", "id")), False),
        (both(("profiles", "id", "customers", "ID")), False),
        (both(("orders", "customer_id", "customers", "id"), ("profiles", "id", "accounts", "id")), True),
        (both(("orders", "customer_id", "profiles", "id")), False),
    ],
)
def test_ways_by_one_column_through_other_models_are_one_where_those_have_each_value(tables: tuple[Model, ...], one: bool) -> None:
    joins = graph(*PROFILES, tables=tables)
    if one:
        assert joins.resolve("orders", "colour").name == "account__holder__colour"
    else:
        assert refusal(joins, "orders", "colour")[0] == "DM3004"


def test_a_model_that_joins_itself_by_its_key_is_where_it_was() -> None:
    people = (model("people", ("person", P, "id"), holds=("name",)), model("staff", ("person", P, "id"), of="people", holds=("desk",)))
    known = (Model("people", "model.x.people", columns=(ModelColumn("id", unique=True, not_null=True),), primary_key=("id",)),)
    assert (
        graph(*people, tables=known).place("people", (Hop("person", "staff"),)) is graph(*people, tables=known).place("people", ()) or True
    )
    joins = graph(*people, tables=known)
    assert joins.place("people", (Hop("person", "staff"),)) is joins.place("people", ())
    unknown = graph(*people)
    assert unknown.place("people", (Hop("person", "staff"),)) is not unknown.place("people", ())


def test_keys_of_several_columns_tell_places_apart() -> None:
    def keyed(name: str, kind: EntityType, *parts: str) -> Entity:
        return Entity(name, kind, Call("tuple", tuple(map(Column, parts))))

    pieces = SemanticModel(
        "pieces", "pieces", (Entity("piece", P, Column("id")), keyed("shelf", F, "rack", "no"), keyed("spot", F, "rack", "no"))
    )
    other = msgspec.structs.replace(pieces, entities=(*pieces.entities[:2], keyed("spot", F, "rack", "old_no")))
    shelves = SemanticModel(
        "shelves",
        "shelves",
        (keyed("shelf", P, "rack", "number"), keyed("spot", U, "rack", "number")),
        (Dimension("wood", DimensionType.CATEGORICAL, Column("wood")),),
    )
    assert graph_of(pieces, shelves).resolve("pieces", "wood").name == "shelf__wood"
    assert refusal(graph_of(other, shelves), "pieces", "wood")[0] == "DM3004"


def graph_of(*models: SemanticModel) -> JoinGraph:
    return JoinGraph.of(Ontology("x", semantic_models=models))


# --- default paths


def rooms(**paths: tuple[str, ...]) -> JoinGraph:
    return graph(
        model("lines", ("line", P, "id"), ("order", F, "order_id")),
        model("orders", ("order", P, "id"), ("customer", F, "c"), ("store", F, "s"), default_paths=tuple(sorted(paths.items()))),
        model("customers", ("customer", P, "id"), ("place", F, "p")),
        model("stores", ("store", P, "id"), ("place", F, "p")),
        model("places", ("place", P, "id"), ("land", F, "l"), holds=("town",)),
        model("lands", ("land", P, "id"), holds=("flag",)),
    )


@pytest.mark.parametrize(
    ("start", "name", "found"),
    [
        ("orders", "town", "store__place__town"),
        ("orders", "place__town", "store__place__town"),
        ("orders", "flag", "store__place__land__flag"),
        ("orders", "place__land__flag", "store__place__land__flag"),
        ("lines", "town", "order__store__place__town"),
        ("lines", "land__flag", "order__store__place__land__flag"),
        ("orders", "customer__place__town", "customer__place__town"),
        ("lines", "customer__place__town", "order__customer__place__town"),
        ("customers", "town", "place__town"),
    ],
)
def test_a_default_path_holds_wherever_its_model_is_passed(start: str, name: str, found: str) -> None:
    assert rooms(place=("store", "place")).resolve(start, name).name == found


def test_a_default_path_is_listed_under_the_name_that_it_settles() -> None:
    listed = rooms(place=("store", "place")).items("orders")
    assert listed["place__town"].name == "store__place__town"
    assert listed["customer__place__town"].name == "customer__place__town"
    assert set(rooms().items("orders")) >= {"store__place__town", "customer__place__town"}
    assert "place__town" not in rooms().items("orders")


def test_a_default_path_to_something_else_settles_nothing() -> None:
    assert refusal(rooms(land=("customer", "place", "land")), "orders", "town")[0] == "DM3004"
    assert rooms(land=("customer", "place", "land")).resolve("orders", "flag").name == "customer__place__land__flag"
    assert refusal(rooms(place=("nowhere", "place")), "orders", "town")[0] == "DM3004"


# --- why not


def dated(name: str, entity: str, **more: object) -> SemanticModel:
    made = model(name, (entity, N, "id"), **more)  # type: ignore[arg-type]
    ends = tuple(Dimension(f"valid_{v}", DimensionType.TIME, Column(f"valid_{v}"), Grain.DAY, validity=v) for v in ("start", "end"))
    return msgspec.structs.replace(made, dimensions=(*made.dimensions, *ends))


@pytest.mark.parametrize(
    ("start", "name", "words"),
    [
        (
            "orders",
            "visit__channel",
            "`visits` has many rows for one `customer`: joining it to `orders` would count rows more than once; ask for a metric of",
        ),
        ("orders", "customer__channel", "`visits` has many rows for one `customer`"),
        ("orders", "page__title", "`pages` is reached by way of `visits` alone: `visits` has many rows for one `customer`"),
        ("versions", "other__grade", "`versions` and `others` both hold versions of `thing`"),
        ("orders", "island__palm", "`orders` shares no key with `islands`"),
        ("orders", "page__customer__name", "it is reached as `customer__name`"),
    ],
)
def test_the_missing_join_is_named(start: str, name: str, words: str) -> None:
    joins = graph(
        model("orders", ("order", P, "id"), ("customer", F, "customer_id")),
        model("customers", ("customer", P, "id"), holds=("name",)),
        model("visits", ("visit", P, "id"), ("customer", F, "customer_id"), ("page", F, "page_id"), holds=("channel",)),
        model("pages", ("page", P, "id"), holds=("title",)),
        model("islands", ("island", P, "id"), holds=("palm",)),
        dated("versions", "thing"),
        msgspec.structs.replace(dated("others", "thing", holds=("grade",)), primary_entity="other"),
    )
    code, said = refusal(joins, start, name)
    assert code == "DM3005"
    assert words in said


# --- several facts


FACTS = (
    model("orders", ("order", P, "id"), ("customer", F, "c"), ("store", F, "s")),
    model("lines", ("line", P, "id"), ("order", F, "o")),
    model("returns", ("return", P, "id"), ("store", F, "s")),
    model("visits", ("visit", P, "id"), ("customer", F, "v")),
    model("customers", ("customer", P, "id"), ("place", F, "p"), holds=("name",)),
    model("stores", ("store", P, "id"), ("place", F, "p"), holds=("sign",)),
    model("places", ("place", P, "id"), holds=("town",)),
)


@pytest.mark.parametrize(
    ("starts", "name", "one"),
    [
        (("orders", "lines"), "customer__name", True),
        (("orders", "visits"), "customer__name", True),
        (("lines", "visits", "customers"), "customer__name", True),
        (("orders", "lines", "customers"), "customer", True),
        (("visits", "returns"), "place__town", False),
        (("visits", "returns"), "town", False),
        (("returns", "orders"), "store__place__town", True),
    ],
)
def test_a_name_is_one_thing_for_all_or_refused(starts: tuple[str, ...], name: str, one: bool) -> None:
    joins = graph(*FACTS)
    assert not (name in joins.compatible_dimensions(starts) and not one)
    if one:
        assert len(joins.resolve_for_all(starts, name)) == len(starts)
        return
    with pytest.raises(UserError) as caught:
        joins.resolve_for_all(starts, name)
    problem = caught.value.problem
    assert problem.code == "DM3041"
    assert "`customer__place__town` of places from `visits`" in problem.message
    assert "`store__place__town` of places from `returns`" in problem.message


def test_names_of_one_spelling_and_two_columns_are_refused_for_several_facts() -> None:
    joins = graph(
        model("orders", ("order", P, "id"), holds=("channel",)),
        model("visits", ("visit", P, "id"), holds=("channel",)),
    )
    with pytest.raises(UserError, match="DM3041"):
        joins.resolve_for_all(("orders", "visits"), "channel")


def test_types_of_columns_are_part_of_a_join() -> None:
    def typed(name: str, kind: DataType) -> Model:
        return Model(name, f"model.x.{name}", columns=(ModelColumn("customer_id" if name == "orders" else "id", kind),))

    models = (
        model("orders", ("order", P, "oid"), ("customer", F, "customer_id")),
        model("customers", ("customer", P, "id"), holds=("name",)),
    )
    assert graph(*models, tables=(typed("orders", DataType.INTEGER), typed("customers", DataType.DECIMAL))).find("orders", "name")
    code, said = refusal(graph(*models, tables=(typed("orders", DataType.INTEGER), typed("customers", DataType.TEXT))), "orders", "name")
    assert code == "DM3005"
    assert "can't be compared" in said
