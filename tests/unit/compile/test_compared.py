"""Filters of metrics that compare what can't be compared are left out at their line, and exactly those that a query with the same filter refuses."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from app.compile.project import Compilation
from app.errors import Problem, UserError
from app.plan.build import build
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.unit.compile.conftest import Project

FILE = "models/metrics.yml"
NAMES = (
    "order__status",
    "order__amount_paid",
    "order__is_gift",
    "metric_time",
    "metric_time__month",
    "metric_time__extract_year",
    "order__shipped_at",
    "order__ordered_at__week",
    "order__status__day",
    "order",
    "order__anything",
)
TESTS = (
    "{} = 'x'",
    "{} > 5",
    "{} >= '2026-01-01'",
    "{} in ('7', 8)",
    "{} between '2026-01-01' and '2026-02-01'",
    "{} like 'a%'",
    "{}",
    "not {}",
    "{} is null",
    "coalesce({}, 'x') = 'y'",
    "{} = true",
    "{} + 1 > 2",
)


def stage() -> Project:
    """Orders whose columns have types, one of them unknown."""
    project = Project().orders().spine()
    node = project.model("orders", columns=("id", "status", "amount", "ordered_at", "shipped_at", "is_gift", "anything"))
    types = {
        "id": "bigint",
        "status": "text",
        "amount": "numeric(12,2)",
        "ordered_at": "date",
        "shipped_at": "timestamp",
        "is_gift": "boolean",
    }
    for name, kind in types.items():
        node["columns"][name]["data_type"] = kind
    project.manifest["semantic_models"]["semantic_model.shop.orders"]["dimensions"] += [
        {"name": "amount_paid", "type": "categorical", "expr": "amount"},
        {"name": "is_gift", "type": "categorical"},
        {"name": "shipped_at", "type": "time", "type_params": {"time_granularity": "hour"}},
        {"name": "anything", "type": "categorical"},
    ]
    return project


def compiled(text: str, folded: bool = False) -> tuple[Compilation, str]:
    """The project with a metric that has the filter, and the text of the file."""
    project = stage()
    body = f"|\n      {text}\n" if folded else '"' + text.replace('"', '\\"') + '"\n'
    project.files[FILE] = f"metrics:\n  - name: bad\n    filter: {body}"
    project.metric("bad", measure={"name": "amount"}, filter=text)
    return project.compile(), project.files[FILE]


def refused_by_a_query(text: str) -> str:
    """The code with which a query refuses the filter, "" where it does not."""
    ontology = stage().compile().layer.ontology
    joins = JoinGraph.of(ontology)
    try:
        build(semantic_query(QueryRequest(("revenue",), where=(text,)), ontology, joins), ontology, joins)
    except UserError as error:
        return error.problem.code
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_the_compiler_refuses_what_a_query_refuses(name: str) -> None:
    said = {}
    for test in TESTS:
        text = test.format(name)
        result, _ = compiled(text)
        codes = [problem.code for problem in result.problems]
        assert ("bad" in {metric.name for metric in result.layer.ontology.metrics}) is not codes, (text, codes)
        said[text] = codes[0] if codes else ""
    assert said == {text: refused_by_a_query(text) for text in said}


def caret(text: str, problem: Problem) -> str:
    assert problem.where is not None
    return text.splitlines()[problem.where.line - 1][problem.where.column - 1 :]


@pytest.mark.parametrize(
    ("text", "code", "start", "hint"),
    [
        ("order__status = 'x' and metric_time = 'yesterday'", "DM3107", "'yesterday'", "2024-01-31"),
        ("metric_time >= 2026-02-03", "DM3108", "2026-02-03", "put dates in quotes: `'2026-02-03'`"),
        ("order__status = 'x' or order__status > 5", "DM3108", "5", ""),
        ("order__amount_paid > 'much'", "DM3109", "'much'", "without quotes"),
        ("order__status = 'x' and (order__status or order__is_gift)", "DM3111", "order__status or", "compare it"),
        ("{{ TimeDimension('order__status', 'month') }} = 'x'", "DM3006", "month'", ""),
    ],
)
@pytest.mark.parametrize("folded", [False, True])
def test_the_place(text: str, code: str, start: str, hint: str, folded: bool) -> None:
    result, written = compiled(text, folded)
    (problem,) = result.problems
    assert problem.code == code
    assert "metric `bad` is left out" in problem.message
    assert caret(written, problem).startswith(start)
    assert hint in problem.hint


def test_filters_of_inputs_and_their_inputs() -> None:
    """A filter goes to every measure below, and each filter is looked at by itself."""
    for number, kind in itertools.product((0, 1), ("numerator", "denominator")):
        project: Any = stage()
        inputs = {"numerator": {"name": "revenue"}, "denominator": {"name": "orders"}}
        inputs[kind]["filter"] = {"where_filters": [{"where_sql_template": "order__status > 5"}]} if number else None  # type: ignore[assignment]
        project.metric("bad", "ratio", **inputs, filter="metric_time = 'never'" if not number else None)
        codes = [problem.code for problem in project.compile().problems]
        assert codes == (["DM3108"] if number else ["DM3107"])
