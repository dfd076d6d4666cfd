"""`window` and `grain_to_date` outside `cumulative_type_params`: found, and moved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find, Mend

RULE = "flat-window"
YAML = """metrics:
  - name: running
    label: "Running: total"   # kept
    type: cumulative
    type_params:
      measure: amount
      window: 7 days   # a week
    filter: "{{ Dimension('order__status') }} = 'paid'"
"""
MENDED = YAML.replace("      window: 7 days", "      cumulative_type_params:\n        window: 7 days")


@pytest.fixture
def running(project: Any) -> Any:
    project.orders().spine().metric("running", "cumulative", measure={"name": "amount"}, window={"count": 7, "granularity": "day"})
    project.manifest["metadata"]["dbt_version"] = "1.11.16"
    project.files["models/metrics.yml"] = YAML
    return project


def test_it_is_found_at_its_value(running: Any, find: Find) -> None:
    (problem,) = find(running, RULE)
    assert (problem.code, str(problem.where)) == ("DM2432", "models/metrics.yml:7:15")
    assert "cumulative_type_params:" in str(problem.fix)


def test_the_fix_moves_the_line(running: Any, mend: Mend) -> None:
    assert mend(running, RULE) == MENDED


def test_windows_line_ends_are_kept(running: Any, mend: Mend) -> None:
    running.files["models/metrics.yml"] = YAML.replace("\n", "\r\n")
    assert mend(running, RULE) == MENDED.replace("\n", "\r\n")


def test_grain_to_date_is_moved_too(running: Any, mend: Mend) -> None:
    params = running.manifest["metrics"]["metric.shop.running"]["type_params"]
    params["grain_to_date"] = "month"
    params["window"] = None
    running.files["models/metrics.yml"] = YAML.replace("window: 7 days", "grain_to_date: month")
    assert mend(running, RULE) == MENDED.replace("window: 7 days", "grain_to_date: month")


def test_nested_in_the_yaml_is_mended_already(running: Any, find: Find) -> None:
    running.files["models/metrics.yml"] = MENDED
    assert find(running, RULE) == []


@pytest.mark.parametrize(
    "text",
    [
        "metrics:\n  - {name: running, type: cumulative, type_params: {measure: amount, window: 7 days}}\n",
        YAML.replace("window: 7 days   # a week", "window:\n        count: 7\n        granularity: day"),
        YAML.replace("window: 7 days   # a week", "window: {count: 7, granularity: day}"),
        YAML.replace("      measure: amount\n", "      measure: amount\n      cumulative_type_params:\n        period_agg: last\n"),
    ],
    ids=["flow", "mapping", "flow mapping", "already a place"],
)
def test_what_is_not_certain_is_only_told(running: Any, text: str) -> None:
    from app.compile.lint.rules import RULES
    from app.compile.lint.run import lint

    running.files["models/metrics.yml"] = text
    (found,) = lint([rule for rule in RULES if rule.name == RULE], running.compile().linted)
    assert found.edits == ()


@pytest.mark.parametrize("version", ["1.8.9", "", "x"])
def test_before_dbt_1_9_it_is_where_it_belongs(running: Any, find: Find, version: str) -> None:
    running.manifest["metadata"]["dbt_version"] = version
    assert find(running, RULE) == []
