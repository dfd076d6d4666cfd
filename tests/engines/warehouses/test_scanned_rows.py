"""How much a statement may read of the tables."""

from __future__ import annotations

from collections.abc import Iterator

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.errors import UserError
from app.model.types import Dialect

ROWS = 20_000


@pytest.fixture(scope="module")
def table(warehouses: Stack) -> Iterator[dict[Dialect, str]]:
    with psycopg.connect(warehouses.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute(
            f"CREATE SCHEMA scanned; CREATE TABLE scanned.t AS SELECT n, n % 10 AS tens FROM generate_series(1, {ROWS}) AS n;"
            " ALTER TABLE scanned.t ADD PRIMARY KEY (n); ANALYZE scanned.t;"
            " GRANT USAGE ON SCHEMA scanned TO reader; GRANT SELECT ON scanned.t TO reader"
        )
    client = clickhouse_connect.get_client(dsn=warehouses.owner_urls[Part.CLICKHOUSE])
    client.command("CREATE DATABASE scanned")
    client.command("CREATE TABLE scanned.t (n UInt32, tens UInt8) ENGINE = MergeTree ORDER BY n")
    client.command(f"INSERT INTO scanned.t SELECT number + 1, number % 10 FROM numbers({ROWS})")
    yield dict.fromkeys(Dialect, "scanned.t")
    client.command("DROP DATABASE scanned")
    client.close()
    with psycopg.connect(warehouses.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute("DROP SCHEMA scanned CASCADE")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT sum(tens) AS c FROM {t}",
        "SELECT count(*) AS c FROM {t} WHERE tens = 3 LIMIT 1",
        "SELECT count(*) AS c FROM (SELECT n FROM {t} WHERE tens = 1) AS a JOIN {t} AS b ON a.n = b.n",
    ],
)
def test_what_reads_more_rows_than_it_may_is_stopped(engine, ask, table, text) -> None:
    asked = text.format(t=table[engine.dialect])
    with pytest.raises(UserError) as raised:
        ask(engine, asked, scanned_rows=ROWS // 2)
    assert raised.value.problem.code == "DM5004"
    assert str(ROWS) not in raised.value.problem.message
    assert ask(engine, asked, scanned_rows=ROWS * 50).row_count == 1
    assert ask(engine, "SELECT 1 AS a", scanned_rows=1).row_count == 1


def test_rows_found_by_an_index_are_few(engine, ask, table) -> None:
    """ClickHouse reads at least a granule of 8,192 rows."""
    found = ask(engine, f"SELECT n FROM {table[engine.dialect]} WHERE n = 7", scanned_rows=9_000)
    assert found.data == ((7,),)


def test_an_inner_scan_counts_as_often_as_it_is_made(postgres, ask, table) -> None:
    """A condition that no hash or merge can use makes a nested loop; a subquery of each row runs for each."""
    loop = "SELECT sum(b.k) AS c FROM (SELECT n FROM scanned.t WHERE n <= 3) AS a, LATERAL (SELECT count(*) AS k FROM scanned.t WHERE tens > a.n) AS b"
    each = "SELECT (SELECT count(*) FROM scanned.t AS u WHERE u.tens > t.tens) AS c FROM scanned.t AS t WHERE n <= 3"
    for text in (loop, each):
        with pytest.raises(UserError):
            ask(postgres, text, scanned_rows=ROWS * 2)
        assert ask(postgres, text, scanned_rows=ROWS * 9).row_count > 0


def test_working_memory_follows_the_limit(postgres, ask) -> None:
    assert ask(postgres, "SELECT current_setting('work_mem') AS w", memory_bytes=64 << 20).data == (("8MB",),)
