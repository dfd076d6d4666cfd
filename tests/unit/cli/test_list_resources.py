"""`datamind list resources`, and how a selection is given to a command."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from tests.unit.compile.selection.test_evaluate import METRIC, node

SELECTORS = """\
selectors:
  - name: models
    default: true
    definition: resource_type:model
  - name: measured
    definition: {method: metric, value: "*", parents: true}
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def manifest(adapter: str, *, metric: dict[str, Any] | None = None) -> str:
    nodes = [
        node("model.shop.orders", "source.shop.raw.orders", raw_code="select 1", tags=["nightly"]),
        node(
            "model.shop.prices.v2",
            name="prices",
            fqn=["shop", "prices", "v2"],
            version=2,
            latest_version=2,
            original_file_path="models/prices_v2.sql",
        ),
    ]
    version = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    return json.dumps(
        {
            "metadata": {"dbt_schema_version": version, "project_name": "shop", "adapter_type": adapter},
            "nodes": {one["unique_id"]: one for one in nodes},
            "sources": {"source.shop.raw.orders": node("source.shop.raw.orders", source_name="raw")},
            "semantic_models": {
                "semantic_model.shop.orders": node("semantic_model.shop.orders", "model.shop.orders", fqn=["shop", "semantic", "orders"])
            },
            "metrics": {"metric.shop.revenue": node("metric.shop.revenue", "semantic_model.shop.orders", **METRIC | (metric or {}))},
        }
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATAMIND_DBT_PROJECT_PATH", "DBT_PROJECT_PATH", "DBT_PROJECT_DIR", "DBT_STATE", "DBT_TARGET", "DATAMIND_ENGINES"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "dbt_project"
    (folder / "target" / "postgres").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\n")
    (folder / "target" / "postgres" / "manifest.json").write_text(manifest("postgres"))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    def start(*words: str) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "argv", ["datamind", "list", "resources", *words])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return start


def test_the_selectors_of_nodes_find_them_again(run: Run) -> None:
    everything = run().out.splitlines()
    assert everything == [
        "metric:shop.revenue",
        "shop.orders",
        "shop.prices.v2",
        "semantic_model:shop.orders",
        "source:shop.raw.orders",
    ]
    for selector in everything:
        assert run("--select", selector).out.splitlines() == [selector]


def test_names_paths_and_objects(run: Run) -> None:
    assert run("--output", "name").out.split() == ["revenue", "orders", "prices.v2", "orders", "raw.orders"]
    assert run("--select", "prices", "--output", "path").out == "models/prices_v2.sql\n"
    body = json.loads(run("--select", "tag:nightly", "--json").out)
    assert (body["unique_id"], body["tags"], body["depends_on"]) == (
        "model.shop.orders",
        ["nightly"],
        {"nodes": ["source.shop.raw.orders"]},
    )
    assert "source_name" in json.loads(run("--select", "source:raw", "--output", "json").out)


def test_several_values_behind_one_option(run: Run) -> None:
    both = run("--select", "metric:revenue", "source:raw", "--exclude", "source:raw", "--resource-type", "metric", "--output", "name")
    assert both.out == "revenue\n"
    assert run("-s", "+metric:revenue", "--resource-type", "model", "--output", "name").out == "orders\n"


def test_a_type_that_is_none_is_wrong_usage(run: Run) -> None:
    ran = run("--resource-type", "test")
    assert (ran.code, ran.out) == (2, "")
    assert "metric" in ran.err


def test_a_selector_by_its_name_and_by_default(run: Run, project: Path) -> None:
    (project / "selectors.yml").write_text(SELECTORS)
    assert run("--output", "name").out.split() == ["orders", "prices.v2"]
    assert run("--selector", "measured", "--output", "name").out.split() == ["revenue", "orders", "orders", "raw.orders"]
    assert run("--exclude", "metric:*", "--output", "name").out.split() == ["orders", "prices.v2", "orders", "raw.orders"]
    assert "DM2622" in run("--selector", "mesured").err
    assert "`measured`" in run("--selector", "mesured").err
    assert run("--selector", "measured", "--select", "orders").code == 2


def test_a_state_with_a_manifest_of_its_own_or_of_each_engine(run: Run, project: Path, tmp_path: Path) -> None:
    (tmp_path / "before" / "postgres").mkdir(parents=True)
    (tmp_path / "before" / "postgres" / "manifest.json").write_text(manifest("postgres", metric={"label": "Turnover"}))
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "manifest.json").write_text(manifest("postgres", metric={"label": "Turnover"}))
    for state in ("before", "plain"):
        assert run("--select", "state:modified", "--state", state, "--output", "name").out == "revenue\n"
        assert run("--select", "state:new", "--state", state).out == ""
    assert "DM2011" in run("--select", "state:new", "--state", "nowhere").err
    assert "DM2623" in run("--select", "state:new").err


def test_a_target_alone_is_read(run: Run, project: Path) -> None:
    (project / "target" / "fast").mkdir()
    (project / "target" / "fast" / "manifest.json").write_text(manifest("clickhouse", metric={"name": "turnover"}))
    assert run("--select", "metric:*", "--target", "fast", "--output", "name").out == "turnover\n"
    assert run("--select", "metric:*", "-t", "postgres", "--output", "name").out == "revenue\n"


def test_what_finds_nothing_is_told_beside_what_is_found(run: Run) -> None:
    ran = run("--select", "revenu", "raw.orders", "tag:nightly", "--output", "name")
    assert (ran.code, ran.out) == (0, "orders\n")
    assert "`revenu` finds nothing" in ran.err
    assert "did you mean `revenue`?" in ran.err
    assert run("--select", "revenu", "-q").err == ""


def test_wrong_usage_is_an_object_where_lines_are(run: Run) -> None:
    ran = run("--log-format", "json", "--resource-type", "test")
    body = json.loads(ran.err)
    assert (ran.code, body["info"]["level"]) == (2, "error")
    assert "metric" in body["info"]["msg"]


def test_a_state_of_another_engine_is_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other" / "clickhouse").mkdir(parents=True)
    (tmp_path / "other" / "clickhouse" / "manifest.json").write_text(manifest("clickhouse"))
    ran = run("--select", "state:new", "--state", "other")
    assert (ran.code, "DM2623" in ran.err, "engine postgres" in ran.err) == (1, True, True)
