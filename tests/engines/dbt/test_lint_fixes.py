"""What `datamind validate --fix` writes, parsed by dbt: the project still parses, means the same, and the problem is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.lint.edit import edited
from app.compile.lint.rules import RULES
from app.compile.lint.run import Found, lint
from app.compile.project import compile_project

DBT = Path(sys.executable).parent / "dbt"
YAML = "models/semantic.yml"
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\nversion: '1.0'\nmodel-paths: [models]\n",
    "profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: postgres, host: localhost, user: u, password: p, port: 1, dbname: d, schema: s}\n",
    "models/orders.sql": "select 1 as order_id, 2 as amount, current_timestamp as ordered_at",
    "models/days.sql": "select current_date as date_day",
    "models/models.yml": """models:
  - name: days
    time_spine: {standard_granularity_column: date_day}
    columns:
      - {name: date_day, granularity: day}
""",
    YAML: """# what we measure
semantic_models:
  - name: orders
    model: ref('orders')
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order, type: primary, expr: order_id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
    measures:
      - {name: amount, agg: sum}
      - {name: order_count, agg: sum, expr: "1"}
metrics:
  - {name: revenue, label: Revenue, type: simple, type_params: {measure: amount}}
  - {name: orders, label: Orders, type: simple, type_params: {measure: order_count}}
  - name: revenue_7_days
    label: Revenue of 7 days
    type: cumulative
    type_params:
      measure: amount
      window: 7 days  # a week
  - name: order_value
    label: 'Order value'
    type: derived
    type_params:
      expr: "revenue / orders"  # guarded below
      metrics: [revenue, orders]
""",
}


def parsed(folder: Path) -> tuple[bytes, dict[str, Any]]:
    """The manifest that dbt writes of the project, and its metrics."""
    common = ["--project-dir", folder, "--profiles-dir", folder, "--target-path", folder / "target", "--log-path", folder / "logs"]
    done = subprocess.run(
        [DBT, "--no-use-colors", "parse", "--no-partial-parse", *common], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout
    data = (folder / "target" / "manifest.json").read_bytes()
    return data, {node["name"]: node for node in json.loads(data)["metrics"].values()}


def fixable(manifest: bytes, files: dict[str, str]) -> list[Found]:
    linted = compile_project([TargetArtifacts("postgres", manifest)], ProjectSources(files)).linted
    return [found for found in lint(RULES, linted) if found.rule is not None and found.rule.fixable]


def test_dbt_parses_what_was_mended(tmp_path: Path) -> None:
    if not DBT.exists():
        pytest.skip("dbt is not installed")
    files = dict(FILES)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before, metrics = parsed(tmp_path)
    found = fixable(before, files)
    assert sorted(one.problem.code for one in found) == ["DM2432", "DM2709"]
    text = edited(files[YAML], [edit for one in found for edit in one.edits])
    assert text is not None
    files[YAML] = text
    (tmp_path / YAML).write_text(text)
    after, mended = parsed(tmp_path)
    assert fixable(after, files) == []
    window = mended["revenue_7_days"]["type_params"]["cumulative_type_params"]["window"]
    assert window == metrics["revenue_7_days"]["type_params"]["window"] or window == {"count": 7, "granularity": "day"}
    assert mended["order_value"]["type_params"]["expr"] == "revenue / nullif(orders, 0)"
    assert {line for line in text.splitlines() if "#" in line} >= {
        "# what we measure",
        '      expr: "revenue / nullif(orders, 0)"  # guarded below',
    }
    assert "        window: 7 days  # a week" in text.splitlines()
