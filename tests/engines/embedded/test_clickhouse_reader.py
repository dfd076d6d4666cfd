"""What a reader of the ClickHouse server may not do, whatever is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from app.adapters.embedded.clickhouse_server.grants import Grants
from app.adapters.embedded.clickhouse_server.statement import parse

FORBIDDEN = [
    "INSERT INTO t VALUES (1)",
    "CREATE TABLE t (a Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE t (a Int8)",
    "CREATE FUNCTION f AS x -> x",
    "DROP TABLE t",
    "ALTER TABLE t DELETE WHERE 1",
    "TRUNCATE TABLE t",
    "OPTIMIZE TABLE t",
    "SYSTEM FLUSH LOGS",
    "KILL QUERY WHERE 1",
    "SET max_threads = 1",
    "SET readonly = 0",
    "SET dialect = 'prql'",
    "USE system",
    "BACKUP TABLE t TO Disk('d', 'x')",
    "ATTACH TABLE t",
    "GRANT SELECT ON *.* TO x",
    "SHOW PROCESSLIST",
    "GRANT SELECT ON raw.* TO reader",
    "REVOKE SELECT ON raw.* FROM reader",
    "SELECT * FROM {d:Identifier}.processes",
    "SELECT dictGet('a.b', 'c', 1)",
    "SELECT joinGet('a.b', 'c', 1)",
    "SELECT * FROM system.processes",
    'SELECT * FROM "system"."processes"',
    "SELECT * FROM `system` . `processes`",
    "SELECT * FROM system.query_log",
    "SELECT 1 SETTINGS max_execution_time = 100",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM `file`('/etc/passwd', 'LineAsString')",
    "SELECT * FROM \"file\" /* x */ ('/etc/passwd')",
    "SELECT * FROM FILE ('/etc/passwd', 'LineAsString')",
    "SELECT file('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/x', 'CSV')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM merge('system', 'processes')",
    "SELECT * FROM python(secret)",
    "SELECT * FROM executable('x', 'CSV', 'a Int8')",
    "SELECT * FROM sqlite('/x.db', 't')",
    "SELECT * FROM input('a Int8')",
    "SELECT filesystemAvailable()",
    "WITH x AS (SELECT * FROM url('http://127.0.0.1:1/')) SELECT * FROM x",
    "EXPLAIN SELECT * FROM url('http://127.0.0.1:1/')",
    "DESCRIBE url('http://127.0.0.1:1/')",
    "DESCRIBE TABLE file('/etc/passwd')",
    "DESC '/etc/passwd'",
    "DESCRIBE (SELECT * FROM file('/etc/passwd'))",
    "(SELECT * FROM file('/etc/passwd'))",
    "SELECT 1 // /*\n FROM file('/etc/passwd') -- */",
    "SELECT ‘a’",
    "SELECT $x$a$x$",
    "SELECT 1 # hidden\n + 1",
    "SELECT 'open",
    "SELECT /* 'a' */ 1",
    "SELECT /* /* a */ */ 1",
    "EXISTS default.`/etc/passwd`",
    "EXISTS `default`.`/etc/passwd`",
    "SELECT * FROM default.`/etc/passwd`",
]


@pytest.mark.parametrize("query", FORBIDDEN)
def test_refused_with_readonly(reader: Any, query: str) -> None:
    with pytest.raises(DatabaseError, match="Code: 164"):
        reader.raw_query(query)


@pytest.mark.parametrize("who", ["owner", "reader"])
def test_nobody_writes_or_reads_files_of_the_server_by_clauses(request: pytest.FixtureRequest, who: str, tmp_path: Path) -> None:
    client = request.getfixturevalue(who)
    with pytest.raises(DatabaseError, match="Code: 62"):
        client.raw_query(f"SELECT 1 INTO OUTFILE '{tmp_path}/x'")
    with pytest.raises(DatabaseError, match="Code: 62"):
        client.raw_query(f"INSERT INTO t FROM INFILE '{tmp_path}/x' FORMAT CSV")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1;",
        "select count() from numbers(10) -- a remark, so: fine",
        "/* datamind qry_01 */ SELECT 1",
        "WITH 1 AS x SELECT x",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "SELECT * FROM generateSeries(1, 3)",
        "SELECT 'file(x); DROP TABLE t /* ' AS s, \"s\" FROM values('s String', 'url(')",
        "SELECT name FROM system.tables LIMIT 1",
        "SHOW TABLES",
        "DESCRIBE TABLE system.one",
        "EXISTS TABLE nope",
        "EXPLAIN SELECT 1",
        "SELECT quantile(0.5)(number) FROM numbers(9)",
        "SELECT arrayMap(x -> x + 1, [1, 2])[1], map('a', 1)['a']",
        "SELECT number AS file FROM numbers(3) WHERE file IN (1, 2)",
    ],
)
def test_questions_are_answered(reader: Any, query: str) -> None:
    assert reader.raw_query(query) is not None


@pytest.mark.parametrize(
    "setting", ["max_threadz", "dialect", "log_queries", "http_max_retries", "format_schema", "input_format_parallel_parsing", "profile"]
)
def test_settings_outside_the_list_are_refused(served: Any, clickhouse: Callable[..., Any], setting: str) -> None:
    client = clickhouse(served.reader_url, settings={})
    client.server_settings.pop(setting, None)  # else the client itself refuses
    with pytest.raises(DatabaseError, match="Code: 164"):
        client.raw_query("SELECT 1", settings={setting: "1"})
    client.close()


@pytest.mark.parametrize(
    ("setting", "sent", "kept"),
    [
        ("max_execution_time", 5, 5),
        ("max_execution_time", 0, 60),
        ("max_execution_time", 9999, 60),
        ("max_result_rows", 10, 10),
        ("max_result_rows", 0, 1_000_000),
        ("max_memory_usage", 1 << 40, 2 << 30),
    ],
)
def test_limits_only_go_down(reader: Any, setting: str, sent: int, kept: int) -> None:
    assert float(reader.query(f"SELECT getSetting('{setting}')", settings={setting: sent}).result_rows[0][0]) == kept


@pytest.mark.parametrize("value", ["-1", "1e9", "nan", "inf", "'1", "", "99999999999999999999999", "١"])
def test_limits_that_are_no_plain_numbers_are_refused(served: Any, reader: Any, value: str) -> None:
    with pytest.raises(DatabaseError, match="Code: 36"):
        reader.raw_query("SELECT 1", settings={"max_execution_time": value})


def test_readonly_cannot_be_sent_away(reader: Any) -> None:
    for value in ("0", "2"):
        reader.server_settings.pop("readonly", None)
        assert reader.query("SELECT getSetting('readonly')", settings={"readonly": value}).result_rows == [(1,)]


def test_time_is_bounded(reader: Any) -> None:
    with pytest.raises(DatabaseError, match="Code: 159"):
        reader.query("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1", settings={"max_execution_time": 1})


def test_rows_are_bounded_or_broken_off(reader: Any) -> None:
    sql = "SELECT number FROM numbers(1000000)"
    with pytest.raises(DatabaseError, match="Code: 396"):
        reader.query(sql, settings={"max_result_rows": 10})
    assert 10 <= reader.query(sql, settings={"max_result_rows": 10, "result_overflow_mode": "break", "max_block_size": 10}).row_count < 1000


def test_memory_is_bounded(reader: Any) -> None:
    with pytest.raises(DatabaseError, match="Code: 241"):
        reader.query("SELECT groupArray(number) FROM numbers(100000000)", settings={"max_memory_usage": 50_000_000})


@pytest.mark.parametrize(("database", "query"), [("system", "SELECT * FROM processes"), ("default", "EXISTS `/etc/passwd`")])
def test_a_closed_database_cannot_be_chosen(reader: Any, database: str, query: str) -> None:
    reader.database = database
    with pytest.raises(DatabaseError, match="Code: 164"):
        reader.raw_query(query)


def test_a_trailing_comment_is_cut_off(reader: Any) -> None:
    assert reader.raw_query("SELECT 1 /* open ; 'x") == b"1\n"


def test_a_path_is_no_table(reader: Any) -> None:
    with pytest.raises(DatabaseError, match="Code: 60"):
        reader.raw_query("SELECT * FROM '/etc/passwd'")


CLOSED = [
    "SELECT * FROM closed.t",
    "SELECT * FROM `closed` . t",
    'SELECT * FROM "closed".t',
    "SELECT 1 IN closed.t",
    "WITH x AS (SELECT * FROM closed.t) SELECT * FROM x",
    "SELECT * FROM view(SELECT * FROM closed.t)",
    "DESCRIBE TABLE closed.t",
    "EXISTS closed.t",
    "SHOW CREATE closed.t",
    "EXPLAIN SELECT * FROM closed.t",
    "SELECT hasColumnInTable('closed', 't', 'a')",
]


@pytest.fixture
def closed(owner: Any) -> Iterator[str]:
    """A database that the reader was taken, with a row of 7."""
    owner.command("CREATE DATABASE closed")
    owner.command("CREATE TABLE closed.t ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a")
    owner.command("REVOKE SELECT ON closed.* FROM reader")
    yield "closed"
    owner.command("GRANT SELECT ON closed.* TO reader")
    owner.command("DROP DATABASE closed")


@pytest.mark.parametrize("query", CLOSED)
def test_a_database_that_was_revoked_is_out_of_reach(reader: Any, closed: str, query: str) -> None:
    with pytest.raises(DatabaseError, match="Code: 164"):
        reader.raw_query(query)


def test_what_is_revoked_is_given_back_and_shown(served: Any, clickhouse: Callable[..., Any], owner: Any, reader: Any, closed: str) -> None:
    shown = "GRANT SELECT ON `closed`.* TO reader"
    assert shown not in [row[0] for row in reader.query("SHOW GRANTS FINAL").result_rows]
    with pytest.raises(DatabaseError, match="Code: 164"):
        clickhouse(served.reader_url.replace("/warehouse", f"/{closed}"))
    assert owner.query("SELECT a FROM closed.t").result_rows == [(7,)]
    owner.command("GRANT SELECT ON closed.* TO reader")
    assert shown in [row[0] for row in reader.query("SHOW GRANTS FINAL").result_rows]
    assert reader.query("SELECT a FROM closed.t").result_rows == [(7,)]


@pytest.mark.parametrize(
    "statement", ["GRANT INSERT ON a.* TO reader", "GRANT SELECT ON *.* TO reader", "REVOKE SELECT ON a.b FROM reader", "GRANT x TO y"]
)
def test_other_grants_are_not_known(owner: Any, statement: str) -> None:
    with pytest.raises(DatabaseError, match="Code: 48"):
        owner.command(statement)


def test_what_was_revoked_outlives_the_server(tmp_path: Path) -> None:
    Grants(tmp_path / "grants.json").change(parse("REVOKE SELECT ON `Raw` . * FROM reader", b""))
    again = Grants(tmp_path / "grants.json")
    assert (again.closed("reader"), again.closed("other")) == (frozenset({"Raw"}), frozenset())
