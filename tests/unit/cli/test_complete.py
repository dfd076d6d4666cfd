"""What a shell offers after TAB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli.names import read_names
from tests.support.pace import paces

ROOT = Path(__file__).resolve().parents[3]
MANIFEST: dict[str, Any] = {
    "metrics": {
        "metric.shop.revenue": {"name": "revenue", "label": "Revenue", "config": {"hidden": None}},
        "metric.shop.orders": {"name": "orders", "description": "Orders.\nMore on them.", "config": {}},
        "metric.shop.inner": {"name": "inner", "config": {"hidden": True}},
    },
    "semantic_models": {
        "s1": {
            "name": "orders",
            "config": {
                "meta": {"datamind": {"segments": [{"name": "paid", "where": "x"}, {"name": "open", "where": "y", "label": "Open"}]}}
            },
            "entities": [{"name": "order", "type": "primary"}, {"name": "customer", "type": "foreign"}],
            "dimensions": [{"name": "status", "type": "categorical"}, {"name": "ordered_at", "type": "time", "label": "Order date"}],
        },
        "s2": {
            "name": "days",
            "config": {"meta": {"datamind": "none"}},
            "primary_entity": "day",
            "entities": [],
            "dimensions": [{"name": "weekday", "type": "categorical"}],
        },
    },
    "saved_queries": {"q": {"name": "weekly", "label": None, "description": "Each week."}},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "dbt_project"
    (folder / "target" / "postgres").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (folder / "profiles.yml").write_text("shop: {outputs: {dev: {type: postgres}, prod: {type: postgres}}}\n")
    (folder / "target" / "postgres" / "manifest.json").write_text(json.dumps(MANIFEST))
    return folder


def offered(words: str, cwd: Path, **variables: str) -> list[str]:
    """What bash is offered for the last word."""
    left = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_"))}
    split = words.split(" ")
    asked = {"_DATAMIND_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(split) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['datamind']; from app.cli.main import main; main()"],
        cwd=cwd,
        env=left | asked | {"PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_the_names_of_a_manifest(project: Path) -> None:
    names = read_names(project / "target" / "postgres" / "manifest.json")
    assert [(metric.name, metric.about) for metric in names.listed()] == [("revenue", "Revenue"), ("orders", "Orders.")]
    assert dict(names.dimensions()) == {
        "metric_time": "the time of each metric",
        "order__status": "",
        "order__ordered_at": "Order date",
        "day__weekday": "",
    }
    assert list(names.segments()) == [("paid", ""), ("open", "Open")]
    assert {"metric_time__month", "order__ordered_at__year"} <= set(dict(names.items()))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("datamind query --metrics r", ["revenue"]),
        ("datamind query --metrics revenue,", ["revenue,orders"]),
        (
            "datamind query --group-by order__",
            ["order__ordered_at", *(f"order__ordered_at__{g}" for g in ["day", "month", "quarter", "week", "year"]), "order__status"],
        ),
        ("datamind query --group-by metric_time__mo", ["metric_time__month"]),
        ("datamind query --saved-query ", ["weekly"]),
        ("datamind list dimension-values --dimension day", ["day__weekday"]),
        ("datamind query --segment p", ["paid"]),
        ("datamind query --drill-down order__st", ["order__status"]),
        ("datamind query --roll-up order__status,day", ["order__status,day__weekday"]),
        ("datamind metrics new --template co", ["conversion"]),
        ("datamind schema dbt", ["dbt", "dbt_project"]),
        ("datamind query --explain s", ["sql", "sanitize"]),
        ("datamind query --as a", ["analyst", "admin"]),
        ("datamind query --source c", ["clickhouse"]),
        ("datamind list metrics -t ", ["dev", "postgres", "prod"]),
        ("datamind list dimen", ["dimensions", "dimension-values"]),
        ("datamind query --log-format js", ["json"]),
        ("datamind query --min", ["--min-max-only"]),
    ],
)
def test_what_is_offered(words: str, expected: list[str], project: Path) -> None:
    assert offered(words, project.parent) == expected


@pytest.mark.parametrize(
    "where", [{"DBT_PROJECT_DIR": "shop"}, {"DATAMIND_DBT_PROJECT_PATH": "shop", "DBT_PROJECT_DIR": "none"}, {"datamind.toml": "shop"}]
)
def test_the_project_is_the_one_of_commands(where: dict[str, str], project: Path) -> None:
    project.rename(project.with_name("shop"))
    if "datamind.toml" in where:
        (project.parent / "datamind.toml").write_text('dbt_project_path = "shop"\n')
        where = {}
    assert offered("datamind query --metrics re", project.parent, **where) == ["revenue"]
    assert offered("datamind query --project-dir shop --metrics re", project.parent) == ["revenue"]
    assert offered("datamind query --metrics re", project.parent / "shop" / "target") == ["revenue"]


def test_where_there_is_nothing_nothing_is_offered(project: Path, tmp_path: Path) -> None:
    (project / "target" / "postgres" / "manifest.json").write_text("{")
    assert offered("datamind query --metrics ", project.parent) == []
    (tmp_path / "empty").mkdir()
    assert offered("datamind query --metrics ", tmp_path / "empty") == []
    assert offered("datamind query --target ", tmp_path / "empty") == []


def test_a_large_manifest_is_read_quickly(tmp_path: Path) -> None:
    """What is passed over is 20 MB of text; a shell should not wait for more than the start of the process."""
    body = MANIFEST | {"nodes": {f"model.{n}": {"raw_code": "select 1 as a, 2 as b\n" * 900, "columns": {}} for n in range(1000)}}
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(body))
    assert read_names(path).metrics
    assert path.stat().st_size > 18 << 20
    assert paces(lambda: read_names(path), 60) <= 60
