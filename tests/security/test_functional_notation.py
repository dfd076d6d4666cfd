"""On PostgreSQL `x.f` calls the function `f` on the row `x` where that has no such column: no relation of a statement lets a function be called that way."""

from __future__ import annotations

import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.govern.access import access
from app.model.expr import Binary, Column, Literal
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, RowPolicy
from app.model.principal import Principal, Role
from app.model.types import DataType
from app.ports import Engine
from tests.security.conftest import Door

READS = "ARRAY['select array_to_tsvector(array_agg(name || secret)) from dots.people']"
CALLS = (
    f"SELECT g.ts_stat FROM unnest({READS}) g",
    f'SELECT "g"."ts_stat" FROM unnest({READS}) AS "g"',
    f"SELECT g.ts_stat FROM unnest({READS}) AS g(x)",
    f"SELECT ts_stat.ts_stat FROM unnest({READS}) AS ts_stat(x)",
    f"SELECT p.id, g.ts_stat FROM people p JOIN LATERAL unnest({READS}) g ON true",
    f"SELECT 1 FROM people ORDER BY (SELECT g.ts_stat FROM unnest({READS}) g)",
    f"SELECT count(*) FROM unnest({READS}) g GROUP BY g.ts_stat",
    f"SELECT count(*) FROM unnest({READS}) g HAVING max(g.ts_stat) IS NOT NULL",
    f"SELECT count(*) FROM unnest({READS}) g WHERE g.ts_stat IS NOT NULL",
    f"SELECT (g).ts_stat FROM unnest({READS}) g",
    f"SELECT (g.g).ts_stat FROM unnest({READS}) g",
    f"SELECT ({READS})[1].ts_stat",
    f"SELECT g.g.ts_stat FROM unnest({READS}) g",
    f"SELECT unnest.ts_stat FROM unnest({READS})",
    f"SELECT g.ts_stat FROM (SELECT unnest({READS})) g",
    f"SELECT g.ts_stat FROM (VALUES (({READS})[1])) g",
    f"SELECT g.ts_stat FROM (SELECT ({READS})[1]) g",
    f"WITH g AS (SELECT ({READS})[1]) SELECT g.ts_stat FROM g",
    f"WITH RECURSIVE g AS (SELECT ({READS})[1] AS x, 1 AS n UNION ALL SELECT g.ts_stat::text, 2 FROM g WHERE g.n < 2) SELECT * FROM g",
    f"WITH RECURSIVE g AS (SELECT * FROM unnest({READS}) x UNION ALL SELECT g.ts_stat::text FROM g WHERE x IS NULL) SELECT * FROM g",
    "SELECT g.ts_stat FROM string_to_table('select 1|select 2', '|') g",
    "SELECT g.pg_sleep FROM generate_series(1, 2) g",
    "SELECT ts_stat.ts_stat FROM json_array_elements_text('[\"select 1\"]') AS ts_stat",
    "SELECT g.g FROM json_array_elements_text('[\"select 1\"]') AS g",
    "SELECT g.current_setting FROM regexp_split_to_table('server_version search_path', ' ') g",
    'SELECT g."regclass" FROM unnest(ARRAY[1]) g',
    "SELECT h.pg_stat_get_live_tuples FROM unnest(ARRAY['dots.people']) g, LATERAL unnest(ARRAY[g.to_regclass]) h",
    "SELECT x.pg_typeof FROM (SELECT 1 + 1) x",
    "SELECT x.row_to_json FROM (SELECT count(*) FROM people) x",
    "SELECT p.md5 FROM people p",
    "SELECT p.to_jsonb FROM people p",
    "SELECT s.to_jsonb FROM (SELECT * FROM people) s",
    "SELECT s.to_jsonb FROM (TABLE people) s",
    "SELECT u.hash_record FROM (SELECT id FROM people UNION SELECT 1 + 1) u",
)
PLAIN = {
    "SELECT g.g, h.x FROM unnest(ARRAY[1, 2]) g JOIN unnest(ARRAY[2, 3]) AS h(x) ON h.x = g.g": [(2, 2)],
    "SELECT generate_series FROM generate_series(1, 2)": [(1,), (2,)],
    "SELECT g.* FROM generate_series(1, 2) WITH ORDINALITY AS g(a, b) WHERE g.b = 2": [(2, 2)],
    "SELECT g.x, g.n FROM unnest(ARRAY['a']) WITH ORDINALITY AS g(x, n)": [("a", 1)],
    "SELECT e.key, e.value FROM json_each_text('{\"a\": 1}') e": [("a", "1")],
    "SELECT v.value FROM jsonb_array_elements_text('[\"b\"]') v": [("b",)],
    "SELECT x.count FROM (SELECT count(*) FROM people) x": [(2,)],
    "SELECT x.max, x.lower FROM (SELECT max(id), lower('A') FROM people) x": [(3, "a")],
    "SELECT x.id FROM (SELECT id::text FROM people) x ORDER BY x.id": [("1",), ("3",)],
    "SELECT x.coalesce, x.n FROM (SELECT coalesce(name, '-'), id AS n FROM people) x ORDER BY x.n": [("Ana", 1), ("Cai", 3)],
    'SELECT x."case" FROM (SELECT CASE WHEN id > 1 THEN 1 ELSE 0 END FROM people) x ORDER BY 1': [(0,), (1,)],
    "SELECT * FROM (SELECT 1 + 1) x": [(2,)],
    "WITH c AS (SELECT count(*) FROM people) SELECT c.count FROM c": [(2,)],
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n + 1 FROM r WHERE r.n < 3) SELECT r.n FROM r": [(1,), (2,), (3,)],
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT r.n + 1 FROM r WHERE r.n < 3) SELECT max(r.n) FROM r": [(3,)],
    "SELECT s.column1 FROM (VALUES (1), (2)) s": [(1,), (2,)],
    "SELECT to_char(d.day, 'DD') FROM generate_series('2024-01-01'::timestamp, '2024-01-02', '1 day') AS d(day) WHERE d.day > '2024-01-01'": [
        ("02",)
    ],
    "SELECT u.id FROM (SELECT id FROM people UNION ALL SELECT 7) u ORDER BY u.id": [(1,), (3,), (7,)],
    "SELECT p.id FROM people p WHERE EXISTS (SELECT count(*) FROM people q WHERE q.id = p.id) ORDER BY p.id": [(1,), (3,)],
    "SELECT (SELECT max(q.id) FROM people q) AS m": [(3,)],
}


@pytest.fixture(scope="module")
def analyst(stack: Stack, servers: dict[str, Engine]) -> Door:
    """Somebody who sees two of three people, and nobody's secret; the reader's account could read all of it."""
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS dots CASCADE")
        connection.execute("CREATE SCHEMA dots")
        connection.execute("CREATE TABLE dots.people (id int, name text, region text, secret text)")
        connection.execute("INSERT INTO dots.people VALUES (1, 'Ana', 'EU', 's1'), (2, 'Bo', 'US', 's2'), (3, 'Cai', 'EU', 's3')")
    model = Model(
        "people",
        "model.x.people",
        columns=tuple(
            ModelColumn(name, DataType.INTEGER if name == "id" else DataType.TEXT) for name in ("id", "name", "region", "secret")
        ),
        row_policies=(RowPolicy("eu", "people", Binary("=", Column("region"), Literal("EU", DataType.TEXT))),),
        column_policies=(ColumnPolicy("secret", "people", "secret"),),
    )
    layer = Layer(Ontology("x", models=(model,)), (Placement("postgres", (("people", Relation("dots", "people")),)),))
    return Door(layer, "postgres", access(Principal("u", "e", Role.ANALYST, "p"), layer.ontology), servers["postgres"])


@pytest.mark.parametrize("sql", CALLS)
def test_no_function_is_called_by_the_name_of_a_column(analyst: Door, sql: str) -> None:
    assert analyst.outcome(sql)[0] == "blocked"


@pytest.mark.parametrize("sql", PLAIN)
def test_columns_of_every_relation_are_known_by_their_names(analyst: Door, sql: str) -> None:
    assert analyst.outcome(sql) == ("answer", str(PLAIN[sql]))
