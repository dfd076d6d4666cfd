"""A condition that could fail and a protected column don't meet in a query: an error would tell of single rows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.govern.access import access
from app.govern.failing import could_tell
from app.model.expr import Column
from app.model.ontology import Ontology
from app.model.policy import SizePolicy
from app.model.query import SemanticQuery
from app.model.semantics import Dimension, DimensionType, SemanticModel
from app.sql.expressions.parse import parse_where
from tests.unit.govern.test_small_groups import table
from tests.unit.govern.world import ANALYST


def paid() -> Ontology:
    model = replace(table("pay", "amount", "age"), size_policies=(SizePolicy("few", "pay", "amount", 5),))
    kinds = tuple(Dimension(name, DimensionType.CATEGORICAL, Column(column)) for name, column in (("wage", "amount"), ("years", "age")))
    return Ontology("w", models=(model,), semantic_models=(SemanticModel("pay", "pay", dimensions=kinds),), default_access="allow")


def tells(**conditions: str) -> bool:
    of = paid()
    query = SemanticQuery(metrics=("m",), **{name: parse_where(text) for name, text in conditions.items()})  # type: ignore[arg-type]
    return could_tell(query, of, access(ANALYST, of))


@pytest.mark.parametrize(
    "where",
    [
        "1 / (person__wage - 5000) > 0",
        "person__wage = 5000 and 1 / (person__years - 30) > 0",
        "cast(person__wage as integer) = 5",
        "person__wage + 9223372036854775000 > 0",
        "case when person__wage = 5000 then 1 / 0 else 1 end = 1",
        "not (person__wage > 0 or length(person__city) > 3)",
        "{{ Metric('m', ['person']) }} > 5 and 1 / (person__years - 30) > 0",
    ],
)
def test_a_filter_that_calculates_beside_a_protected_field_tells(where: str) -> None:
    assert tells(where=where)


@pytest.mark.parametrize(
    "where",
    [
        "person__wage > 5000 and person__wage is not null",
        "person__wage between 1 and 2 or person__wage in (5, 6) or not person__wage <> 3",
        "1 / (person__years - 30) > 0",
        "lower(person__city) like 'b%'",
    ],
)
def test_comparisons_and_what_reads_nothing_protected_do_not(where: str) -> None:
    assert not tells(where=where)


def test_a_having_that_calculates_with_metrics_tells() -> None:
    assert tells(having="1 / (m - 5000) > 0")
    assert not tells(having="m > 5000")
