"""A metric that the project declares and the layer does not have: who asks for it by name is told what keeps it out, if they are to know."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import Problem, UserError, Where
from app.model.expr import Field
from app.model.ontology import Layer, LeftOut, Ontology
from app.model.principal import Principal, Role
from app.model.query import OrderBy, SemanticQuery
from app.service.left_out import with_cause
from app.service.request import QueryRequest
from app.sql.expressions.problems import PartError
from tests.unit.compile.conftest import Project

LAYER = Layer(Ontology("shop"), left_out=(LeftOut("growth", "DM2406", Where("models/m.yml", 4, 13)), LeftOut("nowhere", "DM2411")))
TOLD = "there is no metric `growth`: it was left out because of DM2406 at models/m.yml:4:13"


def somebody(role: Role) -> Principal:
    return Principal("usr_1", "", role, "default")


def unknown(path: str = "", code: str = "DM3001") -> UserError:
    return UserError(Problem(code, "there is no metric `growth`", where=Where(path=path) if path else None, hint="did you mean `grown`?"))


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (QueryRequest(metrics=("revenue", "growth")), unknown("metrics[1]")),
        (SemanticQuery(("revenue", "Growth")), unknown("metrics[1]")),
        (QueryRequest(metrics=("revenue",), order=("-growth",)), unknown("order_by[0]", "DM3015")),
        (SemanticQuery(("revenue",), order_by=(OrderBy("growth"),)), unknown("order_by[0]", "DM3015")),
        (QueryRequest(having="growth > 1"), PartError([((Field("growth"),), 0)], *unknown("having", "DM3015").problems)),
        (QueryRequest(where=("x",)), PartError([((Field("growth", "metric"),), 0)], *unknown().problems)),
        ("growth", unknown()),
    ],
)
def test_the_cause_is_named(asked: Any, error: UserError) -> None:
    for role in (Role.ADMIN, Role.ANALYST):
        told = with_cause(error, asked, LAYER, somebody(role))
        assert (told.problem.code, told.problem.message) == ("DM3001", TOLD)
        assert told.problem.where == error.problem.where
        assert "datamind validate" in told.problem.hint
        assert type(told) is type(error)
    assert with_cause(error, asked, LAYER, somebody(Role.VIEWER)) is error


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (QueryRequest(metrics=("revenue", "other")), unknown("metrics[1]")),
        (QueryRequest(metrics=("growth",)), unknown("group_by[0]", "DM3002")),
        (QueryRequest(metrics=("growth",)), unknown("metrics[0]", "DM3021")),
        (QueryRequest(metrics=("growth",)), unknown()),
    ],
)
def test_of_others_nothing_is_said(asked: Any, error: UserError) -> None:
    assert with_cause(error, asked, LAYER, somebody(Role.ADMIN)) is error


def test_without_a_place() -> None:
    told = with_cause(unknown("metrics[0]"), QueryRequest(metrics=("nowhere",)), LAYER, somebody(Role.ADMIN))
    assert told.problem.message == "there is no metric `nowhere`: it was left out because of DM2411"


def test_the_layer_knows_what_was_left_out() -> None:
    project = Project().orders()
    project.files["models/metrics.yml"] = (
        "metrics:\n  - name: growth\n    type: derived\n    type_params:\n      expr: revenue - before\n      metrics: [revenue]\n"
    )
    project.metric("growth", "derived", expr="revenue - before", metrics=[{"name": "revenue"}])
    project.metric("twice", "derived", expr="growth * 2", metrics=[{"name": "growth"}])
    project.metric("gone", config={"enabled": False}, measure={"name": "nope"})
    project.metric("revenue", package_name="other", measure={"name": "amount"})
    layer = project.compile().layer
    assert [metric.name for metric in layer.ontology.metrics] == ["orders", "revenue"]
    assert [(left.name, left.code) for left in layer.left_out] == [("growth", "DM2406"), ("twice", "DM2407")]
    assert layer.left_out[0].where == Where("models/metrics.yml", 5, 23)
    assert Layer.from_json(layer.canonical()).left_out == layer.left_out
