"""The dbt project builds on both engines without a warning, and every mart is the same on both, row by row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import psycopg
import pytest
from ruamel.yaml import YAML

from app.adapters.demo.load import load
from app.adapters.embedded.stack import Part, Stack

PROJECT = Path(__file__).parents[3] / "dbt_project"
QUESTIONS = YAML(typ="safe").load(Path(__file__).with_name("questions.yaml").read_text(encoding="utf-8"))
TARGETS = {"postgres": Part.POSTGRES, "clickhouse": Part.CLICKHOUSE}


@dataclass(frozen=True)
class Built:
    """Both builds: what dbt said, its manifests, and connections as the owner."""

    said: dict[str, str]
    exits: dict[str, int]
    manifests: dict[str, Any]
    postgres: psycopg.Connection[tuple[Any, ...]]
    clickhouse: Any


def _environment(stack: Stack) -> dict[str, str]:
    environment = dict(os.environ)
    for target, part in TARGETS.items():
        url = urlsplit(stack.owner_urls[part])
        for key, value in {
            "HOST": url.hostname,
            "PORT": url.port,
            "USER": url.username,
            "PASSWORD": unquote(url.password or ""),
            "DATABASE": url.path[1:],
        }.items():
            environment[f"DATAMIND_DBT_{target.upper()}_{key}"] = str(value)
    return environment


@pytest.fixture(scope="module")
def built(warehouses: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    load(
        0.02,
        postgres_url=warehouses.owner_urls[Part.POSTGRES],
        clickhouse_url=warehouses.owner_urls[Part.CLICKHOUSE],
        progress=lambda line: None,
    )
    said, exits, manifests = {}, {}, {}
    for target in TARGETS:
        folder = tmp_path_factory.mktemp(target)
        command = [
            sys.executable,
            "-c",
            "from dbt.cli.main import cli; cli()",
            "--warn-error",
            "--no-use-colors",
            "build",
            "--show-all-deprecations",
        ]
        command += ["--target", target, "--target-path", str(folder), "--log-path", str(folder / "logs"), "--profiles-dir", str(PROJECT)]
        run = subprocess.run(command, cwd=PROJECT, env=_environment(warehouses), capture_output=True, text=True, check=False)
        said[target], exits[target] = run.stdout + run.stderr, run.returncode
        manifests[target] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    client = clickhouse_connect.get_client(dsn=warehouses.owner_urls[Part.CLICKHOUSE], autogenerate_session_id=False)
    with psycopg.connect(warehouses.owner_urls[Part.POSTGRES]) as connection:
        yield Built(said, exits, manifests, connection, client)
    client.close()


@pytest.mark.parametrize("target", TARGETS)
def test_the_build_passes_without_warnings_or_deprecations(built: Built, target: str) -> None:
    assert built.exits[target] == 0, built.said[target][-3000:]
    assert "WARN=0 ERROR=0 SKIP=0" in built.said[target]
    assert "deprecat" not in built.said[target].lower()


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Timestamps as naive UTC, which is what PostgreSQL holds."""
    return tuple(value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in row)


def test_every_mart_is_the_same_on_both_engines(built: Built) -> None:
    marts = [
        node for node in built.manifests["postgres"]["nodes"].values() if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    assert len(marts) == 9
    for mart in marts:
        columns, name = ", ".join(mart["columns"]), f"marts.{mart['name']}"
        key = next(iter(mart["columns"]))
        on_postgres = built.postgres.execute(f"SELECT {columns} FROM {name}").fetchall()  # type: ignore[call-overload]
        on_clickhouse = built.clickhouse.query(f"SELECT {columns} FROM {name}").result_rows
        assert on_postgres, name
        by_key = [sorted(map(_plain, rows), key=lambda row: str(row[0])) for rows in (on_postgres, on_clickhouse)]
        assert by_key[0] == by_key[1], f"{name} by {key}"


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["question"] for question in QUESTIONS])
def test_hand_written_sql_gives_the_same_numbers_on_both_engines(built: Built, question: dict[str, Any]) -> None:
    on_postgres = built.postgres.execute(question["postgres"]).fetchall()
    on_clickhouse = [tuple(row) for row in built.clickhouse.query(question["clickhouse"]).result_rows]
    assert on_postgres
    assert len(on_postgres) == len(on_clickhouse)
    for ours, theirs in zip(on_postgres, on_clickhouse, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert one == (pytest.approx(other, rel=1e-12) if isinstance(one, float) else other)
            assert one is not None
            assert type(one) is type(other) or not isinstance(one, Decimal)


def test_the_project_holds_what_the_demo_promises(built: Built) -> None:
    manifest = built.manifests["postgres"]
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert 15 <= len(models) <= 20
    assert len(manifest["exposures"]) >= 2
    assert len(manifest["saved_queries"]) >= 3
    types = [metric["type"] for metric in manifest["metrics"].values()]
    assert sum(kind in ("simple", "ratio", "derived") for kind in types) >= 15
    assert {"simple", "ratio", "derived", "cumulative", "conversion"} == set(types)
    assert all(metric["label"] and metric["description"] for metric in manifest["metrics"].values())
    for node in [*models, *manifest["sources"].values()]:
        assert node["description"], node["name"]
        for column in node["columns"].values():
            assert column["description"], f"{node['name']}.{column['name']}"
            assert column["data_type"], f"{node['name']}.{column['name']}"
    assert all(model["config"]["contract"]["enforced"] for model in models if model["schema"] == "marts")
    tagged = {column["config"]["meta"].get("datamind", {}).get("pii") for model in models for column in model["columns"].values()}
    assert {"email", "phone", "date_of_birth", "national_id", "card_last_four"} <= tagged


@pytest.mark.parametrize("target", TARGETS)
def test_the_declared_columns_are_the_ones_that_the_models_give(built: Built, target: str) -> None:
    for node in built.manifests[target]["nodes"].values():
        if node["resource_type"] != "model":
            continue
        name = f"{node['schema']}.{node['name']}"
        if target == "postgres":
            found = built.postgres.execute(f"SELECT * FROM {name} LIMIT 0").description  # type: ignore[call-overload]
            assert [column.name for column in found or ()] == list(node["columns"]), name
        else:
            result = built.clickhouse.query(f"SELECT * FROM {name} LIMIT 0")
            types = {column: kind.name for column, kind in zip(result.column_names, result.column_types, strict=True)}
            assert types == {column["name"]: column["data_type"] for column in node["columns"].values()}, name
