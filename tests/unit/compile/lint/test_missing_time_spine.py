"""A project with metrics and no time spine."""

from __future__ import annotations

from typing import Any

from tests.unit.compile.lint.conftest import Find


def test_it_is_said_once(project: Any, find: Find) -> None:
    (problem,) = find(project.orders(), "missing-time-spine")
    assert (problem.code, str(problem.where)) == ("DM2708", "dbt_project.yml")


def test_with_a_spine_it_is_fine(project: Any, find: Find) -> None:
    assert find(project.orders().spine(), "missing-time-spine") == []


def test_without_metrics_none_is_missed(project: Any, find: Find) -> None:
    project.model("orders")
    assert find(project, "missing-time-spine") == []
