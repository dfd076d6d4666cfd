"""A name that a default path settles never means another thing to those who may not see the path."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.govern.access import access
from app.govern.visible import visible_ontology
from app.model.expr import FALSE, Binary, Column, Field, Literal
from app.model.metrics import MeasureInput, Metric, Simple
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn
from app.model.policy import ColumnPolicy, RowPolicy
from app.model.principal import Principal, Role
from app.model.query import GroupBy, SemanticQuery
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType
from app.plan.build import build
from app.sql.joins import JoinGraph

KEYS = {
    "orders": ("customer", "store"),
    "customers": ("address",),
    "stores": ("address",),
    "addresses": ("city",),
    "cities": (),
}
OWN = {"orders": "order", "customers": "customer", "stores": "store", "addresses": "address", "cities": "city"}
ORDERS = Simple(MeasureInput("orders", "orders_rows"))


def semantic_model(name: str) -> SemanticModel:
    foreign = (Entity(key, EntityType.FOREIGN, Column(f"{key}_id")) for key in KEYS[name])
    return SemanticModel(
        name,
        name,
        (Entity(OWN[name], EntityType.PRIMARY, Column("id")), *foreign),
        (Dimension("city_name", DimensionType.CATEGORICAL, Column("city_name")),) if name == "cities" else (),
        (Measure(f"{name}_rows", Aggregation.COUNT, Column("id")),),
        default_paths=(("city", ("customer", "address", "city")),) if name == "orders" else (),
    )


def model(name: str, hidden: str) -> Model:
    columns = (*("id", *(f"{key}_id" for key in KEYS[name])), *(("city_name",) if name == "cities" else ()))
    of_all = name == "customers" and hidden == "model"
    denied = columns if of_all else ("address_id",) if name == "customers" and hidden == "column" else ()
    return Model(
        name,
        f"model.x.{name}",
        columns=tuple(ModelColumn(column, DataType.TEXT if column == "city_name" else DataType.INTEGER) for column in columns),
        row_policies=(RowPolicy("none", name, FALSE, exempt_roles=("admin",)),) if of_all else (),
        column_policies=tuple(ColumnPolicy(f"no {column}", name, column, None, exempt_roles=("admin",)) for column in denied),
    )


@pytest.mark.parametrize("hidden", ["model", "column"])
def test_the_other_way_is_not_taken(hidden: str) -> None:
    lyon = Binary("=", Field("city__city_name"), Literal("Lyon", DataType.TEXT))
    whole = Ontology(
        "x",
        models=tuple(model(name, hidden) for name in KEYS),
        semantic_models=tuple(map(semantic_model, KEYS)),
        metrics=(Metric("order_count", ORDERS), Metric("lyon_orders", ORDERS, filter=lyon)),
    )
    meant = JoinGraph.of(whole).find("orders", "city__city_name")
    assert meant is not None
    assert meant.name == "customer__address__city__city_name"
    seen = visible_ontology(whole, access(Principal("v", "v@example.com", Role.VIEWER, "p"), whole))
    joins = JoinGraph.of(seen)
    assert joins.find("orders", "city__city_name") is None
    said = joins.find("orders", "store__address__city__city_name")
    assert said is not None, "what says its whole way is another name"
    for query in (SemanticQuery(("order_count",), (GroupBy("city__city_name"),)), SemanticQuery(("lyon_orders",))):
        with pytest.raises(UserError):
            build(query, seen, joins)
