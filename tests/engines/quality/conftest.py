"""A demo of its own, whose data is made wrong and mended again."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
import psycopg
import pytest
from psycopg.rows import dict_row
from ruamel.yaml import YAML

from app.errors import Problem
from app.model.answer import Answer
from app.model.principal import Role
from app.ports import Cancel
from app.service.dbt_commands import DbtRequest
from app.service.dbt_runs import DbtReport, run_dbt
from app.service.publishing import Doer
from app.service.query import query
from app.service.request import QueryRequest
from app.service.sync import sync
from tests.support.demo import Demo, running

TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")


SLOW = "{{ config(materialized='table') }} select 1 as id from pg_sleep(60)"
"""A model that takes a minute."""


@dataclass(frozen=True)
class Sick:
    """A demo whose data may be changed."""

    demo: Demo

    def change(self, engine: str, sql: str) -> None:
        """Change data as the warehouse's owner."""
        url = self.demo.servers.owners[engine]
        if engine == "postgres":
            with psycopg.connect(url) as connection:
                connection.execute(sql)
            return
        client = clickhouse_connect.get_client(dsn=url.replace("clickhouse://", "http://"))
        try:
            client.command(sql, settings={"mutations_sync": 1})
        finally:
            client.close()

    def dbt(self, command: str, *select: str, target: str = "postgres", tell: Callable[[str], None] = lambda _line: None) -> DbtReport:
        """A run, as an admin asks for it."""
        return run_dbt(self.demo.deps, self.demo.caller(), DbtRequest(command, target, select), tell)

    def ask(self, *metrics: str, source: str = "", role: Role = Role.ADMIN, **attributes: str) -> Answer:
        """The answer to a metric query."""
        answer = query(self.demo.deps, self.demo.caller(role, **attributes), QueryRequest(metrics), source=source).answer
        assert answer is not None
        return answer

    @contextmanager
    def wrong(self, engine: str, table: str, column: str, value: str, key: str) -> Iterator[None]:
        """One row of the table with another text in a column, for as long as the block lasts."""
        update = "ALTER TABLE {table} UPDATE {set} WHERE {where}" if engine == "clickhouse" else "UPDATE {table} SET {set} WHERE {where}"
        with psycopg.connect(self.demo.servers.owners["postgres"]) as connection:
            row = connection.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key} LIMIT 1").fetchone()
        assert row is not None
        where = f"{key} = {row[0]}"
        self.change(engine, update.format(table=table, set=f"{column} = '{value}'", where=where))
        try:
            yield
        finally:
            self.change(engine, update.format(table=table, set=f"{column} = '{row[1]}'", where=where))

    @contextmanager
    def says(self, file: str, model: str, **meta: str) -> Iterator[None]:
        """A model's `meta.datamind` with more in it, parsed and published, for as long as the block lasts."""
        path = self.demo.settings.dbt_project_path / file
        before = path.read_text(encoding="utf-8")
        yaml = YAML()
        document = yaml.load(before)
        node = next(one for one in document["models"] if one["name"] == model)
        node.setdefault("config", {}).setdefault("meta", {}).setdefault("datamind", {"version": 1}).update(meta)
        try:
            with path.open("w", encoding="utf-8") as out:
                yaml.dump(document, out)
            self.publish()
            yield
        finally:
            path.write_text(before, encoding="utf-8")
            self.publish()

    def publish(self) -> None:
        """Parse on both engines, and publish."""
        for engine in ("postgres", "clickhouse"):
            target = self.demo.deps.dbt.target(engine)
            assert self.demo.deps.dbt.run(target, ("parse",), {}, lambda _line: None, Cancel()).success
        sync(self.demo.deps, Doer(force=True, reason="what blocks answers breaks those who ask"))


def sleeping(sick: Sick) -> int:
    """How many statements sleep in the warehouse."""
    active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    with psycopg.connect(sick.demo.servers.owners["postgres"]) as connection:
        row = connection.execute(active).fetchone()
    return int(row[0]) if row is not None else 0


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold within half a minute."""
    for _ in range(300):
        if holds():
            return True
        time.sleep(0.1)
    return False


def timeless(problems: tuple[Problem, ...]) -> list[tuple[str, str, str]]:
    """Code, severity and message, with times taken out."""
    return [(problem.code, problem.severity.value, TIME.sub("TIME", problem.message)) for problem in problems]


@pytest.fixture(scope="package")
def sick(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sick]:
    """A running demo that may be changed; each test leaves it as it found it."""
    with running(demo_folder, tmp_path_factory.mktemp("sick")) as found:
        yield Sick(found)


@pytest.fixture
def trail(sick: Sick) -> Callable[[str], list[dict[str, Any]]]:
    """The audit events of a correlation id, oldest first, with `details` decoded."""

    def read(correlation_id: str) -> list[dict[str, Any]]:
        with psycopg.connect(sick.demo.servers.store, row_factory=dict_row) as connection:
            found = connection.execute("SELECT * FROM audit.audit_log WHERE correlation_id = %s ORDER BY seq", [correlation_id]).fetchall()
        return [event | {"details": json.loads(event["details"])} for event in found]

    return read
