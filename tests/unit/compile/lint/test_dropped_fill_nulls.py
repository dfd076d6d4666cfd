"""`fill_nulls_with` that dbt did not write: found where the YAML is at hand. How it is found is tested with the compile (../test_traps.py)."""

from __future__ import annotations

from typing import Any

from tests.unit.compile.lint.conftest import Find

YAML = "models:\n  - name: orders\n    semantic_model: true\n    metrics:\n      - name: revenue\n        fill_nulls_with: 0\n"


def test_it_is_found_and_what_dbt_wrote_is_fine(project: Any, find: Find) -> None:
    project.model("orders")
    project.semantic_model(measures=[], original_file_path="models/orders.yml")
    node = project.metric("revenue", metric_aggregation_params={"semantic_model": "orders", "agg": "sum"}, expr="amount")
    node["original_file_path"] = "models/orders.yml"
    project.files["models/orders.yml"] = YAML
    assert [str(problem.where) for problem in find(project, "dropped-fill-nulls")] == ["models/orders.yml:6:26"]
    node["type_params"]["fill_nulls_with"] = 0
    assert find(project, "dropped-fill-nulls") == []
