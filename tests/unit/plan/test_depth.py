"""Trees that are deep together are refused in words, not by a stack that overflows."""

from __future__ import annotations

import msgspec
import pytest

from app.errors import UserError
from app.model.expr import Binary, Column, Expr, Literal, Not
from app.model.metrics import Derived, Metric, MetricInput
from app.model.query import SemanticQuery
from app.model.types import DataType, Dialect
from app.plan.build import build
from app.plan.render import render
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY, placement

ONE = Literal(1, DataType.INTEGER)


def test_derived_metrics_one_above_the_other() -> None:
    metrics, below = list(ONTOLOGY.metrics), "revenue"
    for number in range(60):
        expr: Expr = Column(below)
        for _ in range(50):
            expr = Binary("+", expr, ONE)
        below = f"above_{number:02}"
        metrics.append(Metric(below, Derived(expr, (MetricInput(metrics[-1].name if number else "revenue"),))))
    ontology = msgspec.structs.replace(ONTOLOGY, metrics=tuple(sorted(metrics, key=lambda metric: metric.name)))
    with pytest.raises(UserError, match="DM3112"):
        render(build(SemanticQuery((below,)), ontology, JoinGraph.of(ontology)), Dialect.POSTGRES, placement("postgres"), limit=None)


def test_a_filter() -> None:
    where: Expr = Binary("=", ONE, ONE)
    for _ in range(5_000):
        where = Not(where)
    with pytest.raises(UserError, match="DM3112"):
        build(SemanticQuery(("revenue",), where=where), ONTOLOGY, JoinGraph.of(ONTOLOGY))
