"""`datamind list`, `compile` and `sync`, and the `ontology/` that the repository keeps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.service.compile import compile_source
from app.wiring.project import project_of
from tests.engines.cli.conftest import Cli
from tests.support.demo import ROOT, Demo, settings_at


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("what", "known"),
    [
        ("metrics", {"name": "refund_rate", "type": "ratio"}),
        ("dimensions", {"name": "customer__country", "type": "categorical", "semantic_model": "customers"}),
        ("entities", {"name": "customer"}),
        ("models", {"name": "fct_orders", "resource_type": "model", "materialized": "table"}),
    ],
)
def test_what_the_project_defines_is_listed(cli: Cli, what: str, known: dict[str, str]) -> None:
    found = cli("list", what, "--json").json
    assert [item for item in found if known.items() <= item.items()]
    assert [item["name"] for item in found] == sorted(item["name"] for item in found)
    table = cli("list", what)
    assert table.code == 0
    assert known["name"] in table.out
    assert table.err == ""


def test_dimensions_that_metrics_share(cli: Cli) -> None:
    everything = {item["name"] for item in cli("list", "dimensions", "--json").json}
    shared = {item["name"] for item in cli("list", "dimensions", "--metrics", "revenue,orders", "--json").json}
    assert "customer__country" in shared < everything


def test_compiling_twice_gives_equal_bytes(cli: Cli, tmp_path: Path) -> None:
    assert cli("compile", "--out", str(tmp_path / "one")).code == 0
    assert cli("compile", "--out", str(tmp_path / "two")).code == 0
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert {"metrics.yaml", "dimensions.yaml", "entities.yaml", "glossary.yaml", "training/question_sql.yaml"} <= set(
        files(tmp_path / "one")
    )
    again = cli("compile", "--out", str(tmp_path / "one"))
    assert "up to date" in again.err
    assert again.out == ""


def test_check_says_what_is_out_of_date_and_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "ontology"
    missing = cli("compile", "--check", "--out", str(out))
    assert missing.code == 1
    assert not out.exists()
    cli("compile", "--out", str(out))
    assert cli("compile", "--check", "--out", str(out)).code == 0
    (out / "metrics.yaml").write_bytes((out / "metrics.yaml").read_bytes() + b"# a word\n")
    before = files(out)
    ran = cli("compile", "--check", "--out", str(out))
    assert ran.code == 1
    assert "metrics.yaml" in ran.err
    body = cli("compile", "--check", "--out", str(out), "--json")
    assert (body.code, body.json["changed"]) == (1, ["metrics.yaml"])
    assert files(out) == before


def test_somebodys_files_are_left_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "schema.yml").write_text("version: 2\n")
    ran = cli("compile", "--out", str(tmp_path), "--json")
    assert (ran.code, ran.problem["code"]) == (1, "DM1040")
    assert files(tmp_path) == {"schema.yml": b"version: 2\n"}


def test_a_project_with_errors_writes_nothing_and_is_not_published(cli: Cli, demo: Demo, demo_folder: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(demo_folder / "dbt_project", project)
    for engine in ("postgres", "clickhouse"):
        path = project / "target" / engine / "manifest.json"
        manifest = json.loads(path.read_bytes())
        manifest["metrics"]["metric.kettle_and_crane.revenue"]["type_params"]["measure"]["name"] = "no_such_measure"
        path.write_text(json.dumps(manifest))
        (path.parent / "semantic_manifest.json").unlink(missing_ok=True)
    ran = cli("compile", "--project-dir", str(project), "--out", str(tmp_path / "out"))
    assert ran.code == 1
    assert "nothing written" in ran.err
    assert not (tmp_path / "out").exists()
    current = demo.deps.layers.current(demo.settings.project_id)
    refused = cli("sync", "--json", DATAMIND_DBT_PROJECT_PATH=str(project))
    assert (refused.code, refused.problem["code"]) == (1, "DM8002")
    assert demo.deps.layers.current(demo.settings.project_id) == current


def test_a_sync_is_idempotent(cli: Cli) -> None:
    first = cli("sync", "--json", DATAMIND_PROJECT_ID="another")
    assert (first.code, first.json["published"]) == (0, True)
    again = cli("sync", DATAMIND_PROJECT_ID="another")
    assert (again.code, again.out) == (0, "")
    assert "is current already" in again.err


def test_the_repository_keeps_what_the_demo_project_compiles_to(demo_folder: Path) -> None:
    """Built elsewhere, at another time, on fewer rows: `ontology/` stands on the project alone."""
    tree = compile_source(project_of(settings_at(demo_folder))).tree()
    kept = {path: text.decode() for path, text in files(ROOT / "ontology").items()}
    assert sorted(kept) == sorted(tree)
    assert [path for path in tree if kept[path] != tree[path]] == [], (
        "run `datamind compile` after building the demo, and commit `ontology/`"
    )


def test_what_is_kept_names_no_machine_and_no_moment(demo: Demo) -> None:
    text = b"".join(files(ROOT / "ontology").values()).decode()
    for word in (str(demo.settings.data_dir), "127.0.0.1", "localhost", str(ROOT), "generated_at", "invocation_id"):
        assert word not in text
