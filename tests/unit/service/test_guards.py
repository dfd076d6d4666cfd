"""A project's row filters are spelled while it is compiled: what no query could ever be sent is told at its line, and closes the model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.errors import Problem
from app.model.expr import FALSE
from app.model.policy import RowPolicy
from app.service.compile import compile_source
from app.service.validate import validate

DENIED = (RowPolicy("orders.malformed", "orders", FALSE, permissive=False),)
YAML = """\
models:
  - name: orders
    config:
      meta:
        datamind:
          row_filters:
            - name: own
              filter: {filter}
"""


class Orders:
    """A project of one model, whose filter is given; with a catalog its columns have types."""

    def __init__(self, condition: str, *, catalog: bool = True) -> None:
        node: dict[str, Any] = {
            "unique_id": "model.shop.orders", "name": "orders", "resource_type": "model", "schema": "marts", "package_name": "shop",
            "original_file_path": "orders.sql", "patch_path": "shop://m.yml", "columns": {n: {"name": n} for n in ("id", "buyer", "at")},
            "config": {"meta": {"datamind": {"row_filters": [{"name": "own", "filter": condition}]}}},
        }  # fmt: skip
        version = "https://schemas.getdbt.com/dbt/{}.json"
        metadata = {"dbt_schema_version": version.format("manifest/v12"), "project_name": "shop", "adapter_type": "postgres"}
        self.manifest = json.dumps({"metadata": metadata, "nodes": {"model.shop.orders": node}}).encode()
        types = {"id": "bigint", "buyer": "text", "at": "date"}
        table = {
            "unique_id": "model.shop.orders",
            "metadata": {"schema": "marts", "name": "orders", "type": "BASE TABLE"},
            "columns": {name: {"name": name, "type": kind, "index": n} for n, (name, kind) in enumerate(types.items(), 1)},
        }
        held = {"metadata": {"dbt_schema_version": version.format("catalog/v1")}, "nodes": {"model.shop.orders": table}, "sources": {}}
        self.catalog = json.dumps(held).encode() if catalog else None
        self.text = YAML.format(filter=json.dumps(condition))

    def read(self) -> tuple[list[TargetArtifacts], ProjectSources]:
        targets = [TargetArtifacts(engine, self.manifest, catalog=self.catalog) for engine in ("postgres", "clickhouse")]
        return targets, ProjectSources({"m.yml": self.text})

    def fingerprint(self) -> str:
        return ""

    def git_commit(self) -> str:
        return ""


def found(project: Orders) -> tuple[tuple[RowPolicy, ...], list[Problem]]:
    """The model's row policies, and the problems with its filter."""
    compiled = compile_source(project)
    return compiled.layer.ontology.models[0].row_policies, [one for one in compiled.problems if one.code == "DM2513"]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("id = buyer", "`buyer` is a text and `id` is of type integer"),
        ("buyer = 5", "`buyer` is a text and `5` is of type integer"),
        ("at = user.who or id = user.who", "`user.who` is a text and `at` is of type date"),
        ("buyer = 'a' and (at > '2026-01-01' or at in (buyer))", "`buyer` is a text and `at` is of type date"),
    ],
)
def test_a_filter_that_types_rule_out_closes_the_model_at_its_line(condition: str, said: str) -> None:
    project = Orders(condition)
    policies, (problem,) = found(project)
    assert policies == DENIED
    assert said in problem.message
    assert problem.where is not None
    assert (problem.where.file, problem.where.line) == ("m.yml", 8)
    assert "dimension" not in problem.hint
    assert problem in [one.problem for one in validate(project).found]


@pytest.mark.parametrize("condition", ["id = user.who", "buyer = user.who and at < '2026-01-01'", "id in (1, 2) or buyer like 'a%'"])
def test_a_filter_that_types_allow_stands(condition: str) -> None:
    policies, problems = found(Orders(condition))
    assert [policy.name for policy in policies] == ["orders.own"]
    assert not problems


@pytest.mark.parametrize("condition", ["id = buyer", "at = user.who or id = user.who", "buyer = 5"])
def test_without_types_nothing_is_said(condition: str) -> None:
    policies, problems = found(Orders(condition, catalog=False))
    assert [policy.name for policy in policies] == ["orders.own"]
    assert not problems
