"""No predicate of a query is evaluated on a row that the filter hides, on either engine: with the hidden rows there, every answer is as without them.

Hidden rows hold values that make casts and divisions raise, so that one evaluation on one of them is seen as an error.
"""

from __future__ import annotations

from collections.abc import Iterator

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.govern import barrier as barrier_module
from app.govern.access import access
from app.model.expr import Column, In, Literal
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.types import DataType
from app.ports import Engine
from tests.security.conftest import Door

ENGINES = ("postgres", "clickhouse")
ANALYST = Principal("usr_1", "a@example.org", Role.ANALYST, "prj_1")


def layer(engine: str) -> Layer:
    kinds = {"id": DataType.INTEGER, "region": DataType.TEXT, "name": DataType.TEXT, "mail": DataType.TEXT}
    # A list costs PostgreSQL's planner more than a division or a cast, so it would evaluate those first.
    seen = RowPolicy(
        "eu", "t", In(Column("region"), tuple(Literal(one, DataType.TEXT) for one in ("EU", "UK", "CH", "NO", "IS", "LI", "AD", "MC")))
    )
    mask = ColumnPolicy("mail", "t", "mail", Mask(MaskKind.PARTIAL, prefix=1))
    model = Model(
        "t", "model.x.t", columns=tuple(ModelColumn(n, k) for n, k in kinds.items()), row_policies=(seen,), column_policies=(mask,)
    )
    return Layer(Ontology("x", models=(model,)), (Placement(engine, (("t", Relation("fence", "t")),)),))


def door(engine: str, server: Engine) -> Door:
    made = layer(engine)
    return Door(made, engine, access(ANALYST, made.ontology), server)


@pytest.fixture(scope="module")
def fenced(stack: Stack) -> Iterator[None]:
    """1,000 rows: those whose id is a multiple of 3 are hidden, named `hidden`, and the sorting key invites ClickHouse to move predicates to them."""
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS fence CASCADE")
        connection.execute("CREATE SCHEMA fence")
        connection.execute("CREATE TABLE fence.t (id int PRIMARY KEY, region text, name text, mail text)")
        connection.execute(
            "INSERT INTO fence.t SELECT i, CASE WHEN i % 3 = 0 THEN 'US' ELSE 'EU' END, CASE WHEN i % 3 = 0 THEN 'hidden' ELSE '7' END,"
            " 'u' || i || '@x.org' FROM generate_series(1, 1000) i"
        )
        connection.execute("CREATE INDEX t_name ON fence.t (name)")
        connection.execute("ANALYZE fence.t")
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
    client.command("DROP DATABASE IF EXISTS fence SYNC")
    client.command("CREATE DATABASE fence")
    client.command("CREATE TABLE fence.t (id Int32, region String, name String, mail String) ENGINE = MergeTree ORDER BY region")
    client.command(
        "INSERT INTO fence.t SELECT number + 1 AS i, if(i % 3 = 0, 'US', 'EU'), if(i % 3 = 0, 'hidden', '7'), concat('u', toString(i), '@x.org')"
        " FROM numbers(1000)"
    )
    client.close()
    return


RAISING = {
    "postgres": {
        "SELECT count(*) FROM t WHERE 1/(id-3) IS NOT NULL": "[(667,)]",
        "SELECT count(*) FROM t WHERE name::int = 7": "[(667,)]",
        "SELECT count(*) FROM t WHERE CAST(name AS int) = 7 AND id < 4": "[(2,)]",
        "SELECT count(*) FROM t WHERE CASE WHEN id > 0 THEN name::int END = 7": "[(667,)]",
        "SELECT count(*) FROM t WHERE EXISTS (SELECT 1 FROM t AS o WHERE o.id = t.id AND 1/(o.id-3) < 5)": "[(667,)]",
        "SELECT count(*) FROM t WHERE id IN (SELECT id FROM t WHERE name::int = 7)": "[(667,)]",
        "SELECT count(*) FROM t AS a JOIN t AS b ON a.id = b.id AND b.name::int = 7": "[(667,)]",
        "SELECT count(*) FROM t AS a LEFT JOIN t AS b ON 1/(a.id-3) = b.id": "[(667,)]",
        "SELECT count(*) FROM (SELECT id, name::int AS k FROM t) AS x WHERE k = 7": "[(667,)]",
        "WITH x AS (SELECT id, name::int AS k FROM t) SELECT count(*) FROM x WHERE k = 7": "[(667,)]",
        "SELECT count(*) FROM t, LATERAL (SELECT t.name::int AS k) AS x WHERE k = 7": "[(667,)]",
        "SELECT name::int, count(*) FROM t GROUP BY name::int HAVING name::int > 0": "[(7, 667)]",
        "SELECT max(name::int) FROM t": "[(7,)]",
        "SELECT DISTINCT name::int FROM t ORDER BY 1": "[(7,)]",
        "SELECT count(*) FILTER (WHERE name::int = 7) FROM t": "[(667,)]",
        "SELECT count(*) FROM t WHERE name::int = 7 OR region = 'US'": "[(667,)]",
        "SELECT id FROM t WHERE id = 3 AND 1/(id-3) > 0": "[]",
        "SELECT count(*) FROM (SELECT name::int AS k FROM t UNION ALL SELECT 1) AS x WHERE k = 7": "[(667,)]",
        "SELECT count(*) FROM generate_series(1, 9) AS g JOIN t ON t.id = g AND name::int = 7": "[(6,)]",
    },
    "clickhouse": {
        "SELECT count() FROM t WHERE intDiv(1, id - 3) >= -1": "[(667,)]",
        "SELECT count() FROM t PREWHERE toInt32(name) = 7": "[(667,)]",
        "SELECT count() FROM t WHERE toInt32(name) = 7": "[(667,)]",
        "SELECT count() FROM t WHERE toInt32(name) = 7 AND id < 4": "[(2,)]",
        "SELECT count() FROM t WHERE id IN (SELECT id FROM t WHERE toInt32(name) = 7)": "[(667,)]",
        "SELECT count() FROM t WHERE has([7], toInt32(name))": "[(667,)]",
        "SELECT count() FROM t AS a JOIN t AS b ON a.id = b.id WHERE toInt32(b.name) = 7": "[(667,)]",
        "SELECT count() FROM t AS a JOIN (SELECT toInt32(7) AS k) AS z ON toInt32(a.name) = z.k": "[(667,)]",
        "SELECT count() FROM t AS a, (SELECT 7 AS k) AS z WHERE toInt32(a.name) = z.k": "[(667,)]",
        "SELECT count() FROM (SELECT id, toInt32(name) AS k FROM t) WHERE k = 7": "[(667,)]",
        "WITH x AS (SELECT id, toInt32(name) AS k FROM t) SELECT count() FROM x WHERE k = 7": "[(667,)]",
        "SELECT toInt32(name) AS k, count() FROM t GROUP BY k HAVING k > 0": "[(7, 667)]",
        "SELECT max(toInt32(name)) FROM t": "[(7,)]",
        "SELECT countIf(toInt32(name) = 7) FROM t": "[(667,)]",
        "SELECT DISTINCT toInt32(name) FROM t": "[(7,)]",
        "SELECT id FROM t WHERE id = 3 AND intDiv(1, id - 3) > 0": "[]",
        "SELECT count() FROM (SELECT toInt32(name) AS k, row_number() OVER (PARTITION BY toInt32(name) ORDER BY id) AS r FROM t) WHERE k = 7": "[(667,)]",
        "SELECT count() FROM (SELECT toInt32(name) AS k FROM t UNION ALL SELECT 1) WHERE k = 7": "[(667,)]",
        "SELECT 'EU' AS region, count() FROM t WHERE region = 'EU'": "[('EU', 667)]",
    },
}


@pytest.mark.parametrize(("engine", "sql"), [(engine, sql) for engine in ENGINES for sql in RAISING[engine]])
def test_a_predicate_that_raises_on_hidden_rows_raises_nowhere(fenced: None, servers: dict[str, Engine], engine: str, sql: str) -> None:
    assert door(engine, servers[engine]).outcome(sql) == ("answer", RAISING[engine][sql])


@pytest.mark.parametrize("engine", ENGINES)
def test_without_the_fence_such_predicates_tell(
    fenced: None, servers: dict[str, Engine], engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The predicates above are sharp: a bare derived table does not stop them."""
    monkeypatch.setattr(barrier_module, "fence", lambda _dialect, _columns: "")
    told = [sql for sql in RAISING[engine] if door(engine, servers[engine]).outcome(sql)[0] == "failed"]
    assert len(told) >= 3


PATTERNS = (
    r"SELECT count(*) FROM t WHERE name LIKE '%{}\'",
    r"SELECT count(*) FROM t WHERE name NOT LIKE '%{}\'",
    r"SELECT count(*) FROM t WHERE name ILIKE '%{}\'",
    "SELECT count(*) FROM t WHERE name LIKE '%{}!' ESCAPE '!'",
    "SELECT count(*) FROM t WHERE name LIKE '%{}' || chr(92)",
    r"SELECT count(*) FROM t AS a JOIN t AS b ON a.id = b.id AND b.name LIKE '%{}\'",
    r"SELECT count(*) FROM (SELECT DISTINCT name FROM t) AS x WHERE name LIKE '%{}\'",
    r"WITH x AS MATERIALIZED (SELECT name FROM t) SELECT count(*) FROM x WHERE name LIKE '%{}\'",
    r"SELECT count(*) FROM (SELECT name FROM t LIMIT 1000) AS x WHERE name LIKE '%{}\'",
)
"""PostgreSQL's planner tries a pattern on the values that it keeps of a column, and one that ends with its escape raises where a value goes on behind the rest."""


@pytest.mark.parametrize("sql", PATTERNS)
def test_the_statistics_of_a_table_tell_nothing_of_hidden_rows(fenced: None, servers: dict[str, Engine], sql: str) -> None:
    analyst = door("postgres", servers["postgres"])
    of_hidden, of_none = analyst.outcome(sql.format("hid")), analyst.outcome(sql.format("hix"))
    assert of_hidden == of_none
    assert of_hidden[0] == "answer"


def test_a_fence_without_a_set_operation_would_let_statistics_tell(
    fenced: None, servers: dict[str, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barrier_module, "fence", lambda _dialect, _columns: " OFFSET 0")
    analyst = door("postgres", servers["postgres"])
    assert {analyst.outcome(sql.format("hid"))[0] for sql in PATTERNS} == {"failed"}
    assert {analyst.outcome(sql.format("hix"))[0] for sql in PATTERNS} == {"answer"}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_alias_of_the_query_never_takes_the_filters_column(fenced: None, servers: dict[str, Engine], engine: str) -> None:
    analyst = door(engine, servers[engine])
    assert analyst.outcome("SELECT 'US' AS region, count(*) FROM t")[1] == "[('US', 667)]"
    assert (
        analyst.outcome("WITH t AS (SELECT 'EU' AS region, id, name FROM t) SELECT max(name) FROM t WHERE region = 'EU'")[1] == "[('7',)]"
    )
    assert analyst.outcome("SELECT min(mail), max(length(mail)) FROM t")[1] == "[('u***', 4)]"


@pytest.mark.parametrize("engine", ENGINES)
def test_percent_signs_quotes_and_backslashes_reach_the_engine_as_they_were_written(
    fenced: None, servers: dict[str, Engine], engine: str
) -> None:
    analyst = door(engine, servers[engine])
    for text in (
        "100%",
        "%(dm_p1)s",
        "%s %% {dm_p1:String}",
        "it''s",
        "a\\\\b" if engine == "clickhouse" else "a\\b",
        "ünï ☕",
        "$1 $$ /* x */ -- y",
    ):
        kind, answer = analyst.outcome(f"SELECT '{text}' AS x, count(*) FROM t WHERE id % 2 = 0 AND name NOT LIKE '%hidden%'")
        assert kind == "answer", text
        assert answer == repr([(text.replace("''", "'").replace("\\\\", "\\"), 334)])
