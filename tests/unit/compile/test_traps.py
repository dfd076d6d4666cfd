"""What dbt drops from a manifest or writes otherwise: a warning at its line, and the meaning kept where something else still tells it."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import Problem, Severity
from app.model.types import Grain

FILLED = """models:
  - name: orders
    semantic_model: true
    metrics:
      - name: revenue
        type: simple
        agg: percentile
        percentile_type: continuous
        fill_nulls_with: 0
"""


def carried(project: Any, **params: Any) -> None:
    """A metric of the new YAML."""
    own = {"semantic_model": "orders", "agg": "percentile", "agg_params": {"percentile": 0.5, **params}}
    node = project.metric("revenue", metric_aggregation_params=own, expr="amount")
    node["original_file_path"] = "models/orders.yml"


def warned(project: Any, code: str) -> list[Problem]:
    found = [problem for problem in project.compile().problems if problem.code == code]
    assert all(problem.severity is Severity.WARNING for problem in found)
    return found


@pytest.fixture
def new(project: Any) -> Any:
    """A model with a semantic model of the new YAML."""
    project.model("orders")
    project.semantic_model(measures=[], original_file_path="models/orders.yml")
    project.files["models/orders.yml"] = FILLED
    return project


def test_a_dropped_fill(new: Any) -> None:
    carried(new)
    (problem,) = warned(new, "DM2430")
    assert str(problem.where) == "models/orders.yml:9:26"
    new.files["models/orders.yml"] = FILLED.replace("fill_nulls_with: 0", "label: fill_nulls_with")
    assert warned(new, "DM2430") == []
    new.files.clear()
    assert warned(new, "DM2430") == []


def test_a_fill_that_dbt_wrote_is_none(new: Any) -> None:
    carried(new)
    new.manifest["metrics"]["metric.shop.revenue"]["type_params"]["fill_nulls_with"] = 0
    assert warned(new, "DM2430") == []
    metric = new.compile().layer.ontology.metric("revenue")
    assert metric.params.input.fill_nulls_with == 0


@pytest.mark.parametrize("indent", ["flow", "block"])
def test_a_dropped_fill_in_flow_style(new: Any, indent: str) -> None:
    carried(new)
    flow = "models:\n  - name: orders\n    semantic_model: true\n    metrics:\n      - {name: revenue, type: simple, fill_nulls_with: 0}\n"
    new.files["models/orders.yml"] = flow if indent == "flow" else flow.replace("{name", "{\n        name")
    (problem,) = warned(new, "DM2430")
    assert problem.where.line == (5 if indent == "flow" else 6)


def test_a_continuous_percentile(new: Any) -> None:
    carried(new, use_approximate_percentile=True)
    (problem,) = warned(new, "DM2431")
    assert str(problem.where) == "models/orders.yml:8:26"
    assert new.compile().layer.ontology.semantic_model("orders").measures[0].approximate


def test_an_approximate_measure_was_asked_for(project: Any) -> None:
    project.orders().semantic_model(
        measures=[{"name": "amount", "agg": "percentile", "agg_params": {"percentile": 0.5, "use_approximate_percentile": True}}]
    )
    assert warned(project, "DM2431") == []


@pytest.mark.parametrize(("version", "codes"), [("1.8.9", 0), ("1.9.0", 1), ("1.12.6", 1), ("2.0.0", 1), ("", 0), ("x", 0)])
def test_a_window_in_its_old_place(project: Any, version: str, codes: int) -> None:
    project.orders().metric("running", "cumulative", measure={"name": "amount"}, window={"count": 7, "granularity": "day"})
    project.metric("to_date", "cumulative", measure={"name": "amount"}, grain_to_date="month")
    project.metric("nested", "cumulative", measure={"name": "amount"}, cumulative_type_params={"grain_to_date": "month"})
    project.manifest["metadata"]["dbt_version"] = version
    found = warned(project, "DM2432")
    assert len(found) == 2 * codes
    assert {problem.message.split("`")[1] for problem in found} == ({"window", "grain_to_date"} if codes else set())


def test_the_granularity_of_the_short_form(project: Any) -> None:
    node = project.model("orders")
    project.semantic_model(dimensions=[{"name": "ordered_at", "type": "time", "type_params": None}])
    assert [p.code for p in project.compile().problems if p.code.startswith("DM23")] == ["DM2304"]
    node["columns"]["ordered_at"]["granularity"] = "hour"
    result = project.compile()
    assert [p.code for p in result.problems if p.code.startswith("DM23")] == ["DM2320"]
    assert result.layer.ontology.semantic_model("orders").dimensions[0].grain is Grain.HOUR
    assert result.layer.ontology.model("orders").column("ordered_at").grain is Grain.HOUR


def test_a_column_s_policy_is_no_dimension_s(project: Any) -> None:
    """dbt copies a column's meta into the dimension and the entity that stand on it; the policy protects the column all the same."""
    node = project.model("orders")
    policy = {"datamind": {"pii": "email", "mask": {"kind": "hash"}, "synonyms": ["state"]}, "other": 1}
    node["columns"]["status"]["config"] = {"meta": policy}
    project.semantic_model(
        dimensions=[
            {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
            {"name": "status", "type": "categorical", "config": {"meta": policy}},
        ],
        entities=[{"name": "order", "type": "primary", "expr": "status", "config": {"meta": policy}}],
        measures=[],
    )
    result = project.compile()
    assert [p.code for p in result.problems if p.code not in ("DM2341", "DM2342")] == []
    layer = result.layer.ontology
    status = layer.semantic_model("orders").dimensions[1]
    assert (status.name, status.pii, status.synonyms, status.meta) == ("status", "email", ("state",), '{"other":1}')
    assert [policy.column for policy in layer.model("orders").column_policies] == ["status"]
    assert layer.semantic_model("orders").entities[0].meta == '{"other":1}'


def test_a_policy_written_on_an_element_is_refused(project: Any) -> None:
    project.model("orders")
    policy = {"config": {"meta": {"datamind": {"deny": True}}}}
    project.semantic_model(
        entities=[{"name": "order", "type": "primary", "expr": "id", **policy}],
        dimensions=[
            {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
            {"name": "status", "type": "categorical", **policy},
        ],
        measures=[{"name": "amount", "agg": "sum", **policy}],
    )
    result = project.compile()
    assert [p.code for p in result.problems].count("DM2521") == 3
    semantic_model = result.layer.ontology.semantic_model("orders")
    assert (semantic_model.entities, [d.name for d in semantic_model.dimensions], semantic_model.measures) == ((), ["ordered_at"], ())


def test_words_that_nothing_reads(project: Any) -> None:
    project.model("orders")
    words = {"config": {"meta": {"datamind": {"synonyms": ["turnover"]}, "a": 1}}}
    project.semantic_model(measures=[{"name": "amount", "agg": "sum", **words}])
    result = project.compile()
    assert [(p.code, p.severity) for p in result.problems if p.code == "DM2522"] == [("DM2522", Severity.NOTE)]
    assert result.layer.ontology.semantic_model("orders").measures[0].meta == '{"a":1}'
