"""The ClickHouse server through clickhouse-connect: types, inserts, parameters, sessions, errors, concurrency."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

AT = dt.datetime(2026, 2, 28, 23, 59, 59, 999999)  # noqa: DTZ001 - the driver gives UTC columns without a zone
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001
UNICODE = "Žluťoučký kůň 🐎 'quoted' \"double\" back\\slash\ttab\nline"


@pytest.fixture
def table(owner: Any) -> Any:
    name = f"t_{uuid.uuid4().hex}"
    yield name
    owner.command(f"DROP TABLE IF EXISTS {name}")


def test_types_come_back_as_they_went_in_by_column_batches(owner: Any, reader: Any, table: str) -> None:
    owner.command(f"""CREATE TABLE {table} (id UInt64, amount Decimal(38, 9), at DateTime64(6, 'UTC'), day Date, maybe Nullable(Int64),
        words Array(Nullable(String)), text String, flag Bool, code LowCardinality(String), ratio Float64, key UUID, pair Tuple(Int8, String),
        counts Map(String, UInt32)) ENGINE = MergeTree ORDER BY id""")
    key = uuid.uuid4()
    rows = [
        (1, decimal.Decimal("12345678901234567890.123456789"), AT, dt.date(2026, 2, 28), None,
         [UNICODE, None], UNICODE, True, "EU", 0.1, key, (-1, "x"), {"a": 1}),
        (2, decimal.Decimal("-0.000000001"), EPOCH, dt.date(1970, 1, 1), -(2**63), [], "", False, "", -1e300, key, (1, ""), {}),
    ]  # fmt: skip
    columns = [list(column) for column in zip(*rows, strict=True)]
    summary = owner.insert(table, columns, column_oriented=True)
    assert summary.written_rows == 2
    assert reader.query(f"SELECT * FROM {table} ORDER BY id").result_rows == rows


@pytest.mark.parametrize("compress", [True, False, "gzip", "lz4", "zstd"])
def test_large_batches_in_each_encoding(served: Any, clickhouse: Callable[..., Any], owner: Any, table: str, compress: str | bool) -> None:
    owner.command(f"CREATE TABLE {table} (n UInt32, s String) ENGINE = MergeTree ORDER BY n")
    client = clickhouse(served.owner_url, compress=compress)
    client.insert(table, [list(range(100_000)), [f"řádek {n}" for n in range(100_000)]], column_oriented=True)
    result = client.query(f"SELECT n, s FROM {table} ORDER BY n")
    assert result.row_count == 100_000
    assert result.result_rows[-1] == (99_999, "řádek 99999")
    client.close()


def test_text_formats_with_data_behind_the_statement(owner: Any, table: str) -> None:
    owner.command(f"CREATE TABLE {table} (a UInt8, b String) ENGINE = Memory")
    owner.raw_insert(table, ["a", "b"], b'1,"x; y"\n2,"FORMAT CSV"\n', fmt="CSV")
    owner.command(f"INSERT INTO {table} (a, b) VALUES (3, 'INSERT INTO x FORMAT Native'), (4, 'semi;colon')")
    owner.command(f"INSERT INTO {table} SELECT 5, 'from a query'")
    assert owner.query(f"SELECT count(), sum(a) FROM {table}").result_rows == [(5, 15)]


def test_bad_data_fails_and_inserts_nothing(owner: Any, table: str) -> None:
    owner.command(f"CREATE TABLE {table} (a UInt8) ENGINE = Memory")
    with pytest.raises(DatabaseError, match="Code: 117"):
        owner.raw_insert(table, ["a"], b"1\nnot a number\n", fmt="CSV")
    assert owner.query(f"SELECT count() FROM {table}").result_rows == [(0,)]
    assert owner.query("SELECT 1").result_rows == [(1,)]


def test_bound_parameters_are_values_never_text(reader: Any) -> None:
    values = {"s": UNICODE, "n": -5, "a": ["x", "y'; DROP TABLE t"], "d": dt.date(2026, 1, 2), "m": decimal.Decimal("1.50")}
    row = reader.query("SELECT {s:String}, {n:Int32}, {a:Array(String)}, {d:Date}, {m:Decimal(9, 2)}", parameters=values).result_rows[0]
    assert row == (UNICODE, -5, ["x", "y'; DROP TABLE t"], dt.date(2026, 1, 2), decimal.Decimal("1.50"))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT nope", 47),
        ("SELECT * FROM nope", 60),
        ("SELEC 1", 62),
        ("SELECT 1; SELECT 2", 62),
        ("SELECT {x:UInt8}", 456),
        ("SELECT throwIf(1)", 395),
        ("SELECT 1 FORMAT Nope", 73),
        ("", 62),
        ("-- only a comment", 62),
    ],
)
def test_errors_carry_clickhouses_code(owner: Any, query: str, code: int) -> None:
    with pytest.raises(DatabaseError, match=rf"Code: {code}\. DB::Exception: "):
        owner.raw_query(query)


def test_join_use_nulls_is_taken_per_query(reader: Any) -> None:
    sql = "SELECT b.x FROM (SELECT 1 AS id) a LEFT JOIN (SELECT 2 AS id, 5 AS x) b USING (id)"
    assert reader.query(sql, settings={"join_use_nulls": 1}).result_rows == [(None,)]
    assert reader.query(sql).result_rows == [(0,)]


def test_a_session_keeps_its_temporary_table_and_settings_but_not_a_querys(owner: Any, served: Any, clickhouse: Callable[..., Any]) -> None:
    owner.command("CREATE TEMPORARY TABLE mine (a Int8)")
    owner.insert("mine", [[1], [2]], column_names=["a"])
    assert owner.query("SELECT sum(a) FROM mine").result_rows == [(3,)]
    owner.command("SET max_block_size = 123")
    assert owner.query("SELECT getSetting('max_block_size')", settings={"max_block_size": 77}).result_rows == [(77,)]
    assert owner.query("SELECT getSetting('max_block_size')").result_rows == [(123,)]
    owner.query("SELECT 1", settings={"max_threads": 1})
    assert owner.query("SELECT getSetting('max_threads') = 1 AND changed FROM system.settings WHERE name = 'max_threads'").result_rows in (
        [(0,)],
        [(False,)],
    )
    other = clickhouse(served.owner_url)
    with pytest.raises(DatabaseError, match="Code: 60"):
        other.query("SELECT * FROM mine")
    other.close()


def test_four_threads_at_once(served: Any, clickhouse: Callable[..., Any], owner: Any, table: str) -> None:
    owner.command(f"CREATE TABLE {table} (worker UInt8, n UInt32) ENGINE = MergeTree ORDER BY n")

    def work(worker: int) -> int:
        client = clickhouse(served.owner_url)
        for n in range(10):
            client.insert(table, [[worker, n]], column_names=["worker", "n"])
        total = client.query(f"SELECT sum(n) FROM {table} WHERE worker = {worker}").result_rows[0][0]
        client.close()
        return int(total)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [45] * 4


def test_rows_stream_in_blocks(reader: Any) -> None:
    with reader.query_row_block_stream("SELECT number FROM numbers(300000)") as blocks:
        assert sum(len(block) for block in blocks) == 300_000
