"""`percentile_type: continuous`, which dbt writes as an approximation: found, and taken out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find, Mend

RULE = "approximated-percentile"
YAML = """models:
  - name: orders
    semantic_model: true
    metrics:
      - name: median_amount
        type: simple
        agg: percentile
        percentile_type: continuous  # as dbt's pages say
        percentile: 0.5
"""


@pytest.fixture
def median(project: Any) -> Any:
    project.model("orders")
    project.semantic_model(measures=[], original_file_path="models/orders.yml")
    own = {"semantic_model": "orders", "agg": "percentile", "agg_params": {"percentile": 0.5, "use_approximate_percentile": True}}
    project.metric("median_amount", metric_aggregation_params=own, expr="amount")["original_file_path"] = "models/orders.yml"
    project.files["models/orders.yml"] = YAML
    return project


def test_it_is_found(median: Any, find: Find) -> None:
    assert [str(problem.where) for problem in find(median, RULE)] == ["models/orders.yml:8:26"]


def test_the_fix_takes_the_line_out(median: Any, mend: Mend) -> None:
    assert mend(median, RULE) == "".join(line for line in YAML.splitlines(keepends=True) if "percentile_type" not in line)


@pytest.mark.parametrize("value", ["discrete", "&a continuous", "continuous\n        # more"])
def test_only_a_line_of_its_own_is_taken_out(median: Any, value: str) -> None:
    from app.compile.lint.rules import RULES
    from app.compile.lint.run import lint

    median.files["models/orders.yml"] = YAML.replace("continuous  # as dbt's pages say", value)
    (found,) = lint([rule for rule in RULES if rule.name == RULE], median.compile().linted)
    assert bool(found.edits) == value.startswith("continuous")


def test_an_exact_percentile_is_fine(median: Any, find: Find) -> None:
    own = median.manifest["metrics"]["metric.shop.median_amount"]["type_params"]["metric_aggregation_params"]
    own["agg_params"]["use_approximate_percentile"] = False
    assert find(median, RULE) == []
