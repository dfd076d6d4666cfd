"""`datamind lineage`: its formats, options and refusals, on a small project in a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.console import Ended, run_here
from tests.support.lineage_shop import shop

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_", "FORCE_COLOR"))}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lineage")
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (folder / "target").mkdir()
    (folder / "target" / "manifest.json").write_bytes(shop().manifest)
    return folder


def lineage(project: Path, *words: str) -> Ended:
    return run_here(("datamind", "lineage", *words), project, ENVIRONMENT | {"DATAMIND_ENGINES": '["postgres"]'})


def test_a_tree(project: Path) -> None:
    ended = lineage(project, "at_home")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == [
        "metric at_home  models/metrics.yml",
        "├─ value: measure orders.order_count  models/semantic.yml",
        "│  ├─ value: facts.id  models/facts.sql",
        "│  │  └─ value: stg.id  models/stg.sql",
        "│  │     └─ value: raw.orders.id  [source]  models/sources.yml",
        "│  ├─ rows: rows of facts",
        "│  │  └─ rows: rows of stg",
        "│  │     ├─ filter: raw.orders.status  [source]  models/sources.yml",
        "│  │     └─ rows: rows of raw.orders  [source]",
        "│  └─ time: dimension orders.placed_at  models/semantic.yml",
        "│     └─ value: facts.placed_at  models/facts.sql",
        "│        └─ value: stg.placed_at  models/stg.sql",
        "│           └─ value: raw.orders.placed_at  [source]  models/sources.yml",
        "├─ filter: dimension customers.country  models/semantic.yml",
        "│  └─ value: people.country  models/people.sql",
        "│     └─ value: raw.people.country  [source]  models/sources.yml",
        "├─ join: entity orders.customer  models/semantic.yml",
        "│  └─ value: facts.customer_id  models/facts.sql",
        "│     └─ value: stg.customer_id  models/stg.sql",
        "│        └─ value: raw.orders.customer_id  [source]  models/sources.yml",
        "├─ join: entity customers.customer  models/semantic.yml",
        "│  └─ value: people.id  models/people.sql",
        "│     └─ value: raw.people.id  [source]  models/sources.yml",
        "└─ join: rows of people",
        "   └─ rows: rows of raw.people  [source]",
        "",
        "ends at:",
        "  rows of raw.orders      rows",
        "  raw.orders.customer_id  join    models/sources.yml",
        "  raw.orders.id           value   models/sources.yml",
        "  raw.orders.placed_at    time    models/sources.yml",
        "  raw.orders.status       filter  models/sources.yml",
        "  rows of raw.people      join",
        "  raw.people.country      filter  models/sources.yml",
        "  raw.people.id           join    models/sources.yml",
        "nothing is unknown",
    ]


def test_what_is_unknown_is_told(project: Path) -> None:
    ended = lineage(project, "best")
    assert "unknown: scores: a Python model" in ended.out
    assert ended.out.endswith("not seen, 1:\n  scores: a Python model\n")
    assert "perhaps rows" in lineage(project, "--from", "raw.orders.note").out


def test_json(project: Path) -> None:
    found = json.loads(lineage(project, "best", "--format", "json").out)
    assert found["starts"] == ["metric:best"]
    assert found["complete"] is False
    assert found["hidden"] == 0
    unknown = [point for point in found["points"] if point["kind"] == "unknown"]
    assert {point["reason"] for point in unknown} == {"python"}
    assert all(0 <= link["start"] < len(found["points"]) for link in found["links"])
    assert json.loads(lineage(project, "best", "--json").out) == found
    touched = json.loads(lineage(project, "--from", "raw.orders.amount", "--json").out)
    assert [one["name"] for one in touched["metrics"]] == ["average", "best", "revenue"]
    assert touched["complete"] is False
    assert {"saved_queries", "exposures", "policies", "measures", "dimensions", "entities", "columns", "hidden"} <= set(touched)


def test_mermaid(project: Path) -> None:
    out = lineage(project, "best", "--format", "mermaid").out
    assert out.startswith('flowchart LR\n  n0(["metric: best"])\n')
    assert "-.->|rows|" in out
    assert '{{"unknown: scores' in out
    out = lineage(project, "--from", "raw.orders.amount", "--format", "mermaid").out
    assert out.startswith('flowchart RL\n  n0["raw.orders.amount"]\n')
    assert "-.->|perhaps rows| n0" in out


def test_depth_and_values(project: Path) -> None:
    lines = lineage(project, "revenue", "--depth", "1", "--values").out.splitlines()
    assert lines == [
        "metric revenue  models/metrics.yml",
        "└─ value: measure orders.amount  models/semantic.yml  …",
        "",
        "ends at:",
        "  raw.orders.amount  value  models/sources.yml",
        "nothing is unknown",
    ]


def test_models(project: Path) -> None:
    out = lineage(project, "--select", "stg").out
    assert out.startswith("stg.id  models/stg.sql\n└─ value: raw.orders.id")
    assert "rows of stg\n├─ filter: raw.orders.status" in out
    assert "rows of" not in lineage(project, "--select", "stg", "--values").out
    assert [line for line in lineage(project, "-s", "+metric:best", "--values").out.splitlines() if line.startswith("metric ")] == [
        "metric best  models/metrics.yml"
    ]
    assert lineage(project, "-s", "nothing").out == ""


def test_a_change_that_touches_nothing(project: Path) -> None:
    assert lineage(project, "--from", "metric:best").out == "a change of metric:best touches\nnothing\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "DM1033"),
        (("revenue", "--from", "facts"), "DM1033"),
        (("revenu",), "DM3001"),
        (("--from", "x"), "DM3096"),
        (("revenue", "-s", "stg"), "DM1033"),
    ],
)
def test_refusals(project: Path, words: tuple[str, ...], code: str) -> None:
    ended = lineage(project, *words)
    assert (ended.code, ended.out) == (1, "")
    assert code in ended.err


def test_the_files_that_dbt_wrote_are_read_unless_they_are_old(project: Path, tmp_path: Path) -> None:
    manifest = json.loads(shop().manifest)
    for node in manifest["nodes"].values():
        node.pop("compiled_code", None)
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    compiled = tmp_path / "target" / "compiled" / "shop" / "models"
    compiled.mkdir(parents=True)
    (tmp_path / "target" / "manifest.json").write_text(json.dumps(manifest))
    (compiled / "facts.sql").write_text("select amount from main.stg")
    assert "facts: its SQL is not in the artifacts" not in lineage(tmp_path, "revenue").out
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "facts.sql").write_text("select amount + 1 as amount from {{ ref('stg') }}")
    written = (compiled / "facts.sql").stat().st_mtime
    os.utime(tmp_path / "models" / "facts.sql", (written + 10, written + 10))
    assert "facts: its SQL is not in the artifacts (run `dbt compile`)" in lineage(tmp_path, "revenue").out


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "orders.amount", "--depth", "2"),
        ("--from", "orders.amount", "--values"),
        ("at_home", "--depth", "2", "--format", "json"),
        ("at_home", "--state", "target"),
    ],
)
def test_an_option_that_would_do_nothing_is_wrong_usage(project: Path, words: tuple[str, ...]) -> None:
    assert lineage(project, *words).code == 2


def test_problems_are_json_where_that_is_the_format(project: Path) -> None:
    ended = lineage(project, "at_hom", "--format", "json")
    assert ended.code == 1
    assert json.loads(ended.out)["problems"][0]["code"] == "DM3001"
