"""Parts of an artifact with values of a wrong type: they go, the rest is read, and nothing that may protect is passed over."""

from __future__ import annotations

from typing import Any

import pytest

from app.compile.dbt.parts import MOST
from app.errors import UserError

YAML = """metrics:
  - name: revenue
    type: simple
    type_params:
      measure: amount
"""


def part(project: Any, section: str) -> Any:
    return next(iter(project.manifest[section].values()))


def spoilt(project: Any) -> Any:
    project.orders().files["models/metrics.yml"] = YAML
    project.manifest["saved_queries"]["saved_query.shop.q"] = {"name": "q", "query_params": {"metrics": ["orders"]}}
    project.manifest["exposures"]["exposure.shop.board"] = {"unique_id": "exposure.shop.board", "name": "board"}
    return project


@pytest.mark.parametrize(
    ("section", "bend", "name", "line"),
    [
        ("metrics", lambda m: m["type_params"].update(measure=5), "revenue", 5),
        ("metrics", lambda m: m.update(type=5, meta={"datamind": {"unit": "EUR"}}), "revenue", 3),
        ("metrics", lambda m: m.update(type=None), "revenue", 3),
        ("metrics", lambda m: m.update(type_params=[]), "revenue", 5),
        ("metrics", lambda m: m.update(name=7), "revenue", 2),
        ("saved_queries", lambda q: q.update(query_params="x"), "q", 0),
        ("exposures", lambda e: e.update(depends_on=3), "board", 0),
    ],
)
def test_a_part_of_a_wrong_type_is_left_out_at_its_line(project: Any, section: str, bend: Any, name: str, line: int) -> None:
    bend(part(spoilt(project), section))
    result = project.compile()
    assert [p.code for p in result.problems] == ["DM2009"]
    problem = result.problems[0]
    assert f"`{name}`" in problem.message
    assert problem.where is not None
    assert problem.where.line == line
    ontology = result.layer.ontology
    left = {
        "metrics": [m.name for m in ontology.metrics],
        "saved_queries": [q.name for q in ontology.saved_queries],
        "exposures": [e.name for e in ontology.exposures],
    }
    whole = {"metrics": ["orders", "revenue"], "saved_queries": ["q"], "exposures": ["board"]}
    assert left == {**whole, section: [one for one in whole[section] if one != name]}


def test_a_semantic_model_of_a_wrong_type_takes_its_metrics_along(project: Any) -> None:
    part(spoilt(project), "semantic_models")["measures"] = 5
    project.model("others")
    project.semantic_model("others", "others", measures=[{"name": "others", "agg": "count", "expr": "id"}], entities=[])
    project.metric("others", measure={"name": "others"})
    result = project.compile()
    assert [m.name for m in result.layer.ontology.metrics] == ["others"]
    assert {p.code for p in result.problems} >= {"DM2009"}


@pytest.mark.parametrize(
    "bend",
    [
        lambda p: part(p, "nodes").update(columns=5),
        lambda p: part(p, "semantic_models").update(measures=5, config={"meta": {"datamind": {}}}),
        lambda p: part(p, "semantic_models").update(measures=5, config={"meta": {"Data_Mind": {}}}),
        lambda p: part(p, "semantic_models").update(measures=5, meta={"Data_Mind": {}}),
        lambda p: part(p, "semantic_models").update(measures=5, config=[1]),
        lambda p: p.manifest.update(groups={"g": 5}),
        lambda p: p.manifest.update(metrics=[]),
        lambda p: p.manifest.update(metrics={f"metric.shop.m{n}": {"name": 5} for n in range(MOST + 1)}),
        lambda p: p.manifest.pop("nodes"),
    ],
)
def test_what_may_protect_is_not_passed_over(project: Any, bend: Any) -> None:
    bend(spoilt(project))
    with pytest.raises(UserError) as caught:
        project.compile()
    assert caught.value.problem.code == "DM2005"
