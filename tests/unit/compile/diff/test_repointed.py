"""Names that stand on other data than before: what protected the old data is asked of the new."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Change, Direction
from app.model.expr import Binary, Call, Column, Literal
from app.model.metrics import MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.semantics import Dimension, DimensionType, Measure, SemanticModel
from app.model.types import Aggregation, DataType

COLUMNS = tuple(ModelColumn(name, DataType.TEXT) for name in ("id", "email", "mail", "region", "amount"))
ROWS = RowPolicy("people.own", "people", Binary("=", Column("region"), Literal("EU", DataType.TEXT)), exempt_roles=("admin",))
MASKED = ColumnPolicy("people.email", "people", "email", Mask(MaskKind.FIXED), exempt_roles=("admin",))
PEOPLE = Model("people", "model.s.people", columns=COLUMNS, row_policies=(ROWS,), column_policies=(MASKED,))
COPY = Model("copy", "model.s.copy", columns=COLUMNS)


EMAIL, AMOUNT = Column("email"), Column("amount")


def owner(model: str = "people", email: Any = EMAIL) -> SemanticModel:
    dimension = Dimension("email", DimensionType.CATEGORICAL, email)
    return SemanticModel("people", model, dimensions=(dimension,), measures=(Measure("spent", Aggregation.SUM, AMOUNT),))


OTHER = SemanticModel("others", "copy", measures=(Measure("spent", Aggregation.SUM, Column("amount")),))
SPENT = Metric("spent", Simple(MeasureInput("people", "spent")))
ELSEWHERE = Metric("spent", Simple(MeasureInput("others", "spent")))
SHARE = Metric("share", Ratio(MetricInput("spent"), MetricInput("spent")))


def layer(semantic: SemanticModel, *metrics: Metric, people: Model = PEOPLE) -> Layer:
    models = (replace(COPY), people) if people.name == "people" else (people,)
    return Layer(Ontology("s", models=models, semantic_models=(OTHER, semantic), metrics=metrics))


def found(old: Layer, new: Layer) -> list[tuple[str, Direction | None]]:
    loosened = (Direction.LOOSENED, Direction.UNCLEAR)
    changes: tuple[Change, ...] = diff_layers(old, new).changes
    return sorted((change.subject, change.security) for change in changes if change.security in loosened)


def test_a_semantic_model_over_an_open_copy() -> None:
    assert found(layer(owner(), SPENT), layer(owner("copy"), SPENT)) == [
        ("dimension.people.email", Direction.LOOSENED),
        ("metric.spent", Direction.UNCLEAR),
        ("semantic_model.people", Direction.LOOSENED),
    ]
    assert found(layer(owner("copy"), SPENT), layer(owner(), SPENT)) == []


@pytest.mark.parametrize(
    "email", [Column("mail"), Call("lower", (Column("mail"),)), Binary("||", Column("mail"), Column("id")), Literal("x", DataType.TEXT)]
)
def test_a_dimension_over_another_column(email: Any) -> None:
    assert found(layer(owner()), layer(owner(email=email))) == [("dimension.people.email", Direction.LOOSENED)]
    assert found(layer(owner(email=email)), layer(owner())) == []


@pytest.mark.parametrize("email", [Call("lower", (Column("email"),)), Binary("||", Column("email"), Column("id"))])
def test_what_still_reads_the_protected_column_is_as_it_was(email: Any) -> None:
    assert found(layer(owner()), layer(owner(email=email))) == []


def test_a_metric_over_another_measure() -> None:
    assert found(layer(owner(), SPENT, SHARE), layer(owner(), ELSEWHERE, SHARE)) == [
        ("metric.share", Direction.UNCLEAR),
        ("metric.spent", Direction.UNCLEAR),
    ]
    assert found(layer(owner(), ELSEWHERE), layer(owner(), SPENT)) == []


@pytest.mark.parametrize(("columns", "held"), [((*COLUMNS[:4], ModelColumn("sum")), True), (COLUMNS[:2], False)])
def test_a_model_that_goes_as_one_like_it_comes_without_policies(columns: Any, held: bool) -> None:
    fresh = Model("clients", "model.s.clients", columns=columns)
    old = Layer(Ontology("s", models=(PEOPLE,)))
    new = Layer(Ontology("s", models=(fresh,)))
    policies = [("policy.people.email", Direction.UNCLEAR), ("policy.people.own", Direction.UNCLEAR)]
    assert found(old, new) == (policies if held else [])
    assert found(old, Layer(Ontology("s", models=(fresh,), default_access="deny"))) == []
