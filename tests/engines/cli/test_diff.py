"""`datamind diff` on the demo: both engines' artifacts as dbt compiled them, states of one engine and of two."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.engines.cli.conftest import Cli
from tests.support.demo import Demo

ENGINES = ("postgres", "clickhouse")


@pytest.fixture
def state(demo: Demo, tmp_path: Path) -> Path:
    """What production has: the artifacts of both engines, as `target/` has them."""
    folder = tmp_path / "state"
    for engine in ENGINES:
        (folder / engine).mkdir(parents=True)
        for name in ("manifest.json", "semantic_manifest.json", "catalog.json"):
            found = demo.settings.dbt_project_path / "target" / engine / name
            if found.exists():
                shutil.copy(found, folder / engine / name)
    return folder


def bend(state: Path, section: str, name: str, **values: Any) -> None:
    """Let production have had something else, on both engines."""
    for engine in ENGINES:
        file = state / engine / "manifest.json"
        manifest = json.loads(file.read_text())
        node = next(node for node in manifest[section].values() if node["name"] == name)
        node.update(**{key: value(node) if callable(value) else value for key, value in values.items()})
        file.write_text(json.dumps(manifest))


def test_nothing_changes(cli: Cli, state: Path) -> None:
    ran = cli("diff", "--state", str(state), "--fail-on", "meaning")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("→ project: nothing changes\n")


def test_compiled_sql_of_a_model(cli: Cli, state: Path) -> None:
    bend(state, "nodes", "fct_orders", compiled_code=lambda node: f"\n{node['compiled_code']}\n-- old")
    assert cli("diff", "--state", str(state), "--json").json["counts"] == {"breaking": 0, "meaning": 0, "additive": 0, "cosmetic": 1}
    bend(
        state,
        "nodes",
        "fct_orders",
        compiled_code=lambda node: f"select * from ({node['compiled_code'].strip()}\n) as x where order_id > 7",
    )
    (change,) = cli("diff", "--state", str(state), "--json").json["changes"]
    assert (change["class"], change["possible"], change["subject"]) == ("meaning", True, "model.fct_orders")
    assert "average_order_value" in change["touches"]["metrics"]
    assert "monthly_trading_by_country" in change["touches"]["saved_queries"]
    assert "fct_orders.own_region" in change["touches"]["policies"]


def test_a_metric_that_production_has_besides(cli: Cli, state: Path, demo: Demo) -> None:
    for engine in ENGINES:
        file = state / engine / "manifest.json"
        manifest = json.loads(file.read_text())
        uid, metric = next((uid, node) for uid, node in manifest["metrics"].items() if node["name"] == "orders")
        manifest["metrics"][f"{uid}_2"] = metric | {"name": "orders_2", "unique_id": f"{uid}_2", "filter": None, "type": "simple"}
        file.write_text(json.dumps(manifest))
    ran = cli("diff", "--state", str(state), "--format", "markdown")
    assert ran.code == 1
    assert "metric `orders_2` is removed" in ran.out


def test_a_state_of_one_engine(cli: Cli, state: Path) -> None:
    shutil.rmtree(state / "clickhouse")
    ran = cli("diff", "--state", str(state))
    assert (ran.code, "nothing changes" in ran.out) == (0, True)
    assert "has nothing of clickhouse" in ran.err
    shutil.move(state / "postgres" / "manifest.json", state / "manifest.json")
    assert cli("diff", "--state", str(state)).code == 0


def test_a_state_of_another_engine(cli: Cli, state: Path) -> None:
    shutil.rmtree(state / "postgres")
    ran = cli("diff", "--state", str(state), DATAMIND_ENGINES='["postgres"]')
    assert ran.code == 1
    assert "DM2012" in ran.err


def test_places_are_those_of_the_projects_yaml(cli: Cli, state: Path) -> None:
    bend(state, "metrics", "average_order_value", description="Something else.")
    ran = cli("diff", "--state", str(state))
    assert "/models/metrics/sales_ratios.yml:" in ran.out
    assert "cosmetic metric `average_order_value`: `description` is changed" in ran.out
