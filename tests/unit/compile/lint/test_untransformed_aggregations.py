"""Aggregations as dbt writes them into semantic_manifest.json: said once, and only where it was asked for."""

from __future__ import annotations

from typing import Any

from app.compile.lint.configuration import chosen
from app.compile.lint.rules import RULES
from tests.unit.compile.lint.conftest import Find


def test_they_are_counted(project: Any, find: Find) -> None:
    (problem,) = find(project.orders(), "untransformed-aggregations")
    assert (problem.code, problem.message) == ("DM2433", "semantic_manifest.json holds aggregations that are not yet transformed: 1 count")


def test_sums_are_fine(project: Any, find: Find) -> None:
    project.model("orders")
    project.semantic_model(measures=[{"name": "amount", "agg": "sum"}])
    assert find(project, "untransformed-aggregations") == []


def test_it_runs_where_it_is_selected() -> None:
    assert "DM2433" not in {rule.code for rule in chosen(RULES, (), ())}
    assert "DM2433" not in {rule.code for rule in chosen(RULES, ["DM24"], ())}
    assert "DM2433" in {rule.code for rule in chosen(RULES, ["untransformed-aggregations"], ())}
