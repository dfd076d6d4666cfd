"""What the time of an answer tells of hidden rows: the same statements over two tables that differ only in what a row filter hides."""

from __future__ import annotations

import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import clickhouse_connect
import psycopg

from app.adapters.embedded.stack import Part, Stack, start
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.govern.access import access
from app.govern.check import SqlScope, check_sql
from app.govern.govern import govern
from app.model.expr import Binary, Column, Literal
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import RowPolicy
from app.model.principal import Principal, Role
from app.model.sql import GovernedSql, Limits, Sql
from app.model.types import DataType, Dialect
from app.ports import Cancel, Engine
from app.sql.parse import parse_statement
from benchmarks.measure import rounds
from benchmarks.options import Options

ROWS, TIMES = 200_000, 60
COLUMNS = {"id": DataType.INTEGER, "region": DataType.TEXT, "amount": DataType.INTEGER, "note": DataType.TEXT}
ASKED = {
    "aggregate": "SELECT count(*) AS n, sum(amount) AS s FROM held",
    "filter": "SELECT count(*) AS n FROM held WHERE note LIKE '%7a7%' AND amount > 500",
    "group": "SELECT amount % 100 AS g, count(*) AS n FROM held GROUP BY amount % 100 ORDER BY 1",
    "join": "SELECT count(*) AS n FROM held AS a JOIN held AS b ON a.amount = b.id",
    "is_there": "SELECT amount FROM held WHERE id = {id}",
}
HIDDEN_ID, NO_ID = 100_002, 900_002
"""Of a row that is hidden, and of none."""


def measure(_options: Options) -> dict[str, Any]:
    """Per engine and statement, in ms: the median (`ms`), by how much the medians over the two tables differ (`hidden_ms`), and two medians over the same
    table (`noise_ms`); of `is_there` the two ask for an id that is hidden and for one that is not there."""
    figures: dict[str, Any] = {"rows": ROWS, "hidden_rows": ROWS // 2, "runs": TIMES}
    with tempfile.TemporaryDirectory() as folder, start([Part.POSTGRES, Part.CLICKHOUSE], Path(folder) / "stack") as stack:
        _fill(stack)
        engines: tuple[Engine, ...] = (PostgresEngine(stack.urls[Part.POSTGRES]), ClickHouseEngine(stack.urls[Part.CLICKHOUSE]))
        for engine in engines:
            figures[engine.name] = {name: _differences(engine, text) for name, text in ASKED.items()}
            engine.close()
    return figures


def _differences(engine: Engine, text: str) -> dict[str, float]:
    one, other = text.format(id=HIDDEN_ID), text.format(id=NO_ID)
    asked = [
        _governed(engine, "twin_a", one),
        _governed(engine, "twin_a", one),
        _governed(engine, "twin_a" if one != other else "twin_b", other),
    ]
    first, again, differing = (
        statistics.median(sample) for sample in rounds([partial(engine.execute, it, Cancel()) for it in asked], times=TIMES, warm=3)
    )
    return {"ms": round(first, 3), "hidden_ms": round(abs(differing - first), 3), "noise_ms": round(abs(again - first), 3)}


def _governed(engine: Engine, schema: str, text: str) -> GovernedSql:
    policy = RowPolicy("seen", "held", Binary("=", Column("region"), Literal("EU", DataType.TEXT)))
    model = Model("held", "model.x.held", columns=tuple(ModelColumn(*column) for column in COLUMNS.items()), row_policies=(policy,))
    layer = Layer(Ontology("x", models=(model,)), (Placement(engine.name, (("held", Relation(schema, "held")),)),))
    rights = access(Principal("usr_1", "", Role.ANALYST, "prj_1"), layer.ontology)
    sql = Sql(Dialect(engine.dialect), parse_statement(text, engine.dialect), text, written=True)
    return govern(check_sql(sql, SqlScope(layer, engine.name, rights)), layer, engine.name, rights, Limits(), "key")


def _fill(stack: Stack) -> None:
    """The rows with even ids are hidden; their amounts and notes differ between the twins, and have one length."""
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        for schema, salt in (("twin_a", "a"), ("twin_b", "b")):
            row = f"i AS id, CASE WHEN i % 2 = 0 THEN 'US' ELSE 'EU' END AS region, CASE WHEN i % 2 = 0 THEN {ord(salt)} * i % 1000 ELSE i % 1000 END AS amount"
            note = f"md5(i::text || CASE WHEN i % 2 = 0 THEN '{salt}' ELSE '' END) AS note"
            connection.execute(f"CREATE SCHEMA {schema}".encode())
            connection.execute(f"CREATE TABLE {schema}.held AS SELECT {row}, {note} FROM generate_series(1, {ROWS}) i".encode())
        connection.execute("ANALYZE")
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE], autogenerate_session_id=False)
    for schema, salt in (("twin_a", "a"), ("twin_b", "b")):
        hidden = "id % 2 = 0"
        row = f"toInt32(number + 1) AS id, if({hidden}, 'US', 'EU') AS region, toInt32(if({hidden}, {ord(salt)} * id % 1000, id % 1000)) AS amount"
        note = f"lower(hex(MD5(concat(toString(id), if({hidden}, '{salt}', ''))))) AS note"
        client.command(f"CREATE DATABASE {schema}")
        client.command(f"CREATE TABLE {schema}.held ENGINE = MergeTree ORDER BY id AS SELECT {row}, {note} FROM numbers({ROWS})")
    client.close()
