"""Both engines with the workshop's rows in them, once for each test process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack, start
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.model.result import Result
from app.model.sql import GovernedSql, Limits, Seal, Sql
from app.model.types import DataType, Dialect
from app.plan.build import build
from app.plan.render import render
from app.ports import Cancel, Engine
from app.sql.joins import JoinGraph
from tests.goldens import awkward
from tests.goldens.business import ONTOLOGY, SCHEMA, TABLES, placement
from tests.goldens.notation import Tables

POSTGRES = {
    DataType.TEXT: "text",
    DataType.INTEGER: "integer",
    DataType.DECIMAL: "numeric(12, 3)",
    DataType.FLOAT: "double precision",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date",
    DataType.TIMESTAMP: "timestamp",
}
CLICKHOUSE = {
    DataType.TEXT: "String",
    DataType.INTEGER: "Int32",
    DataType.DECIMAL: "Decimal(12, 3)",
    DataType.FLOAT: "Float64",
    DataType.BOOLEAN: "Bool",
    DataType.DATE: "Date32",
    DataType.TIMESTAMP: "DateTime64(6, 'UTC')",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/goldens --update-goldens` writes the SQL and rows as they are now; read the diff."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite tests/goldens/*.yaml")


@dataclass(frozen=True)
class Warehouses:
    """Asks both engines."""

    postgres: PostgresEngine
    clickhouse: ClickHouseEngine

    @property
    def both(self) -> tuple[Engine, Engine]:
        return (self.postgres, self.clickhouse)

    def run(self, dialect: Dialect, text: str) -> Result:
        """Execute a text as if governance had let it pass."""
        engine = self.postgres if dialect is Dialect.POSTGRES else self.clickhouse
        text = text.replace("%", "%%") if dialect is Dialect.POSTGRES else text  # as governance writes it for the driver
        return engine.execute(GovernedSql(dialect, text, (), Limits(), (), (), "", Seal(object())), Cancel())


def rendered(query: SemanticQuery, ontology: Ontology = ONTOLOGY, limit: int | None = None) -> dict[Dialect, Sql]:
    """The query in both dialects."""
    plan = build(query, ontology, JoinGraph.of(ontology))
    return {dialect: render(plan, dialect, placement(dialect.value), limit=limit) for dialect in Dialect}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with start([Part.POSTGRES, Part.CLICKHOUSE], tmp_path_factory.mktemp("goldens")) as found:
        yield found


@pytest.fixture(scope="session")
def warehouses(stack: Stack) -> Iterator[Warehouses]:
    load_postgres(stack.owner_urls[Part.POSTGRES])
    load_clickhouse(stack.owner_urls[Part.CLICKHOUSE])
    postgres, clickhouse = PostgresEngine(stack.urls[Part.POSTGRES]), ClickHouseEngine(stack.urls[Part.CLICKHOUSE])
    yield Warehouses(postgres, clickhouse)
    postgres.close()
    clickhouse.close()


def load_postgres(url: str, schema: str = SCHEMA, tables: Tables = TABLES) -> None:
    """Make the schema and its tables as their owner; everybody may read them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create schema {schema}")
        for name, (columns, rows) in tables.items():
            connection.execute(f"create table {schema}.{name} ({', '.join(f'{c} {POSTGRES[k]}' for c, k in columns)})")
            with connection.cursor() as cursor:
                cursor.executemany(f"insert into {schema}.{name} values ({', '.join(['%s'] * len(columns))})", rows)
        connection.execute(f"grant usage on schema {schema} to public; grant select on all tables in schema {schema} to public")


def load_clickhouse(url: str, schema: str = SCHEMA, tables: Tables = TABLES) -> None:
    """Make the database and its tables as their owner."""
    place = urlsplit(url)
    client = clickhouse_connect.get_client(
        host=place.hostname, port=place.port, username=place.username, password=unquote(place.password or "")
    )
    client.command(f"create database {schema}")
    for name, (columns, rows) in tables.items():
        # A column without NULLs is not Nullable, as dbt-clickhouse makes it: that is where aggregates and outer joins give zeros.
        kinds = [
            CLICKHOUSE[k] if all(row[n] is not None for row in rows) else f"Nullable({CLICKHOUSE[k]})" for n, (_, k) in enumerate(columns)
        ]
        declared = ", ".join(f"{c} {kind}" for (c, _), kind in zip(columns, kinds, strict=True))
        client.command(f"create table {schema}.{name} ({declared}) engine = MergeTree order by tuple()")
        zoned = [[v.replace(tzinfo=dt.UTC) if isinstance(v, dt.datetime) else v for v in row] for row in rows]
        client.insert(f"{schema}.{name}", zoned, column_names=[c for c, _ in columns])
    client.close()


@pytest.fixture(scope="session")
def awkward_rows(stack: Stack, warehouses: Warehouses) -> Warehouses:
    """The engines, with the table of awkward rows in them."""
    awkward.load(stack)
    return warehouses


GOLDENS = Path(__file__).resolve().parent
