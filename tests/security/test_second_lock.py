"""The demo's readers, used directly, without any governance before them: they reach the served schemas, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import clickhouse_connect
import psycopg
import pytest

from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.errors import DataMindError
from app.model.principal import Role
from app.model.sql import GovernedSql, Limits, Seal
from app.ports import Cancel, Engine
from app.service.reader_account import ReaderAccounts
from app.service.sql import execute_sql
from tests.support.demo import Demo

ENGINES: dict[str, Callable[[str], Engine]] = {"postgres": PostgresEngine, "clickhouse": ClickHouseEngine}


def tables(demo: Demo, engine: str) -> list[tuple[str, str]]:
    """Every table and view of the warehouse, by schema."""
    url = demo.servers.owners[engine]
    if engine == "postgres":
        with psycopg.connect(url) as owner:
            found = owner.execute("SELECT schemaname, tablename FROM pg_tables UNION SELECT schemaname, viewname FROM pg_views").fetchall()
    else:
        client = clickhouse_connect.get_client(dsn=url, autogenerate_session_id=False)
        found = client.query("SELECT database, name FROM system.tables").result_rows
        client.close()
    return [(schema, name) for schema, name in found if schema in ("raw", "staging", "marts")]


@pytest.mark.parametrize("engine", list(ENGINES))
def test_the_reader_reaches_the_served_schemas_and_no_other(demo: Demo, engine: str) -> None:
    reader = ENGINES[engine](demo.servers.engines[engine])
    reached, refused, held = set(), set(), tables(demo, engine)
    try:
        for schema, name in held:
            text = f"SELECT count(*) AS n FROM {schema}.{name}"
            try:
                reader.execute(GovernedSql(reader.dialect, text, (), Limits(), (), (), "", Seal(object())), Cancel())
                reached.add(schema)
            except DataMindError as error:
                refused.add((schema, error.problem.code))
    finally:
        reader.close()
    assert {schema for schema, _ in held} == {"raw", "staging", "marts"}
    assert (reached, refused) == ({"marts"}, {("raw", "DM5005"), ("staging", "DM5005")})


@pytest.mark.parametrize("engine", list(ENGINES))
def test_the_demos_accounts_have_nothing_too_much(demo: Demo, engine: str) -> None:
    assert demo.deps.accounts.problem(engine, demo.deps.serving) is None
    owner = ENGINES[engine](demo.servers.owners[engine])
    problem = ReaderAccounts({engine: owner}).problem(engine, demo.deps.serving)
    owner.close()
    assert problem is not None
    assert problem.code == "DM5011"
    assert urlsplit(demo.servers.owners[engine]).password not in f"{problem.message}{problem.hint}"
    assert "marts" not in problem.message.replace("on tables of marts", "").replace("on the schema marts", "") or engine == "clickhouse"


@pytest.mark.parametrize("source", list(ENGINES))
@pytest.mark.parametrize("table", ["raw.customers", "staging.stg_payments", "staging.countries"])
def test_what_is_closed_to_everybody_is_refused_as_what_is_not_there(demo: Demo, source: str, table: str) -> None:
    told = []
    for name in (table, f"{table.partition('.')[0]}.nowhere"):
        with pytest.raises(DataMindError) as raised:
            execute_sql(demo.deps, demo.caller(Role.ADMIN), f"SELECT count(*) AS n FROM {name}", source)
        problem = raised.value.problem
        told.append((problem.code, problem.message.replace(name, "…"), problem.hint, problem.where))
    assert told[0] == told[1]
    assert told[0][0] == "DM4020"
