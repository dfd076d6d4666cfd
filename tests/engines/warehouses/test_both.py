"""What every engine promises, on both."""

from __future__ import annotations

import threading
import time

import pytest

from app.errors import InternalError, UserError
from app.model.sql import BoundValue, Limits
from app.model.types import DataType, Dialect
from app.ports import Cancel

SERIES = {Dialect.POSTGRES: "SELECT generate_series(1, {n}) AS n", Dialect.CLICKHOUSE: "SELECT number + 1 AS n FROM numbers({n})"}
ENDLESS = {
    Dialect.POSTGRES: "SELECT count(*) AS n FROM generate_series(1, 10000000000)",
    Dialect.CLICKHOUSE: "SELECT count() AS n FROM numbers(100000000000) WHERE sipHash64(number) = 1",
}
PLACE = {Dialect.POSTGRES: "%(dm_p1)s::text", Dialect.CLICKHOUSE: "{dm_p1:String}"}


def code(raised: pytest.ExceptionInfo) -> str:
    return raised.value.problem.code


def test_answers_with_types(engine, ask):
    result = ask(engine, "SELECT 1 AS a, 'x' AS b, CAST('1.50' AS DECIMAL(9, 2)) AS c")
    assert [c.name for c in result.columns] == ["a", "b", "c"]
    assert [c.type for c in result.columns] == [DataType.INTEGER, DataType.TEXT, DataType.DECIMAL]
    assert str(result.data[2][0]) == "1.50"
    assert (result.engine, result.truncated, result.row_count) == (engine.name, False, 1)
    assert result.elapsed_ms > 0


def test_no_rows_still_have_columns(engine, ask):
    result = ask(engine, f"SELECT * FROM ({SERIES[engine.dialect].format(n=5)}) AS s WHERE n > 9")
    assert ([c.name for c in result.columns], result.data, result.row_count, result.truncated) == (["n"], ((),), 0, False)


def test_no_rows_beside_totals_still_have_columns(clickhouse, ask):
    grouped = "FROM (SELECT number AS n, 'x' AS kind FROM numbers({dm_p1:UInt8})) GROUP BY kind WITH TOTALS"
    for rows in (0, 3):
        found = ask(clickhouse, f"SELECT kind, sum(n) AS total {grouped}", [BoundValue("dm_p1", rows, DataType.INTEGER)])
        assert [column.name for column in found.columns] == ["kind", "total"]
        assert found.row_count == (1 if rows else 0)


@pytest.mark.parametrize(
    ("available", "limit", "truncated"), [(9, 10, False), (10, 10, False), (11, 10, True), (200_000, 10, True), (3_000, 2_500, True)]
)
def test_rows_are_bounded_and_the_cut_is_said(engine, ask, available, limit, truncated):
    result = ask(engine, SERIES[engine.dialect].format(n=available), rows=limit)
    assert result.truncated is truncated
    assert result.data[0] == tuple(range(1, min(available, limit) + 1))


def test_the_row_limit_does_not_reach_into_subqueries(engine, ask):
    inner = SERIES[engine.dialect].format(n=50_000)
    text = f"WITH s AS ({inner}) SELECT count(*) AS c, sum(s.n) AS t FROM s JOIN ({inner}) AS u ON u.n = s.n WHERE s.n IN (SELECT n FROM ({inner}) AS v)"
    assert [int(column[0]) for column in ask(engine, text, rows=3).data] == [50_000, 1_250_025_000]


def test_an_outer_join_leaves_nulls(engine, ask):
    series = SERIES[engine.dialect]
    result = ask(
        engine, f"SELECT a.n, b.n AS m FROM ({series.format(n=2)}) AS a LEFT JOIN ({series.format(n=1)}) AS b ON a.n = b.n ORDER BY a.n"
    )
    assert result.data == ((1, 2), (1, None))


@pytest.mark.parametrize(
    "value", ["plain", "it's", "back\\slash", "new\nline\ttab", "100%s %(x)s {dm_p1:String}", "naïve €", "", "'; DROP TABLE t; --"]
)
def test_parameters_are_values_only(engine, ask, value):
    percent = "100%%" if engine.dialect is Dialect.POSTGRES else "100%"
    result = ask(engine, f"SELECT {PLACE[engine.dialect]} AS a, '{percent}' AS b", [BoundValue("dm_p1", value, DataType.TEXT)])
    assert result.data == ((value,), ("100%",))


def test_parameters_that_the_text_does_not_name_are_left_out(engine, ask):
    percent = "'%%s'" if engine.dialect is Dialect.POSTGRES else "'%s'"
    assert ask(engine, f"SELECT {percent} AS a", [BoundValue("dm_p9", "x", DataType.TEXT)]).data == (("%s",),)


def test_writing_is_refused(engine, ask):
    with pytest.raises(UserError) as raised:
        ask(engine, "CREATE TABLE public.t (a INT)")
    assert code(raised) == "DM5005"


def test_a_failure_names_an_incident_and_not_the_database_text(engine, ask):
    with pytest.raises(UserError) as raised:
        ask(engine, "SELECT * FROM no_such_relation_here")
    assert code(raised) == "DM5005"
    assert "incident err_" in raised.value.problem.message
    assert "no_such_relation_here" not in str(raised.value)
    assert "dbt build" in raised.value.problem.hint


def test_the_time_limit_stops_a_statement(engine, ask):
    started = time.monotonic()
    with pytest.raises(UserError) as raised:
        ask(engine, ENDLESS[engine.dialect], seconds=0.4)
    assert code(raised) == "DM5002"
    assert time.monotonic() - started < 3
    assert ask(engine, "SELECT 1 AS a").data == ((1,),)


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.02, 0.3])
def test_cancelling_stops_a_statement_whenever_it_comes(engine, ask, delay):
    cancel = Cancel()
    timer = threading.Timer(delay, cancel.cancel)
    timer.start()
    started = time.monotonic()
    with pytest.raises(UserError) as raised:
        ask(engine, ENDLESS[engine.dialect], cancel=cancel)
    timer.join()
    assert code(raised) == "DM5003"
    assert time.monotonic() - started < delay + 3


def test_a_cancelled_statement_does_not_hit_the_next_one(engine, ask):
    for _ in range(10):
        cancel = Cancel()
        threading.Timer(0.03, cancel.cancel).start()
        with pytest.raises(UserError):
            ask(engine, ENDLESS[engine.dialect], cancel=cancel)
        assert ask(engine, "SELECT 1 AS a").data == ((1,),)


def test_cancelled_before_it_began(engine, ask):
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(UserError) as raised:
        ask(engine, "SELECT 1 AS a", cancel=cancel)
    assert code(raised) == "DM5003"


def test_a_block_of_gigabytes_is_not_read(clickhouse, ask, warehouses):
    small = type(clickhouse)(warehouses.urls["clickhouse"], max_bytes=100_000)
    try:
        began = time.monotonic()
        with pytest.raises(UserError) as raised:
            ask(small, "SELECT materialize(range(10000)) AS a FROM numbers(10000)")
        assert code(raised) == "DM5004"
        assert time.monotonic() - began < 5
        result = ask(small, "SELECT repeat('x', 1000) AS a FROM numbers(10000)")
        assert result.truncated
        assert 90 <= result.row_count <= 100
        assert ask(small, "SELECT 1 AS a").data == ((1,),)
    finally:
        small.close()


def test_large_results_are_bounded_in_bytes(engine, ask, warehouses):
    small = type(engine)(warehouses.urls[engine.name], max_bytes=100_000)
    try:
        result = ask(small, SERIES[engine.dialect].format(n=3000).replace(" AS n", " AS n, repeat('x', 1000) AS t"))
        assert result.truncated
        assert 90 <= result.row_count <= 100
        with pytest.raises(UserError) as raised:
            ask(small, "SELECT repeat('x', 200000) AS t")
        assert code(raised) == "DM5004"
    finally:
        small.close()


def test_many_threads_get_their_own_rows(engine, ask):
    wrong = []

    def work(number: int) -> None:
        statement, parameters = f"SELECT {PLACE[engine.dialect]} AS a", [BoundValue("dm_p1", str(number), DataType.TEXT)]
        answers = {ask(engine, statement, parameters).data for _ in range(10)}
        wrong.extend(answers - {((str(number),),)})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_only_governed_sql_of_its_dialect_passes(engine, ask):
    other = next(d for d in Dialect if d is not engine.dialect)
    for given in ("SELECT 1", ask.governed(other, "SELECT 1"), ask.governed(engine.dialect, "SELECT 1", limits=Limits(rows=0))):
        with pytest.raises(InternalError) as raised:
            engine.execute(given, Cancel())
        assert code(raised) == "DM5009"


def test_health(engine):
    health = engine.health()
    assert (health.up, health.detail) == (True, "")
    assert health.ms > 0


def test_a_wrong_password_is_no_outage(engine, ask, warehouses):
    user, _, rest = warehouses.urls[engine.name].partition("//")[2].partition(":")
    scheme = warehouses.urls[engine.name].partition(":")[0]
    stranger = type(engine)(f"{scheme}://{user}:wrong@{rest.partition('@')[2]}")
    with pytest.raises(InternalError) as raised:
        ask(stranger, "SELECT 1 AS a")
    assert code(raised) == "DM5006"
    assert "wrong" not in str(raised.value)
    assert not stranger.health().up
    stranger.close()


@pytest.mark.parametrize("url", ["", "mysql://x/y", "nothing", "postgresql://", "clickhouse://", "clickhouse://h:port/d"])
def test_an_unreadable_url_is_said_at_once(engine, url):
    if url == "postgresql://" and engine.dialect is Dialect.CLICKHOUSE:
        url = "postgresql://h/d"
    with pytest.raises(UserError) as raised:
        type(engine)(url)
    assert code(raised) == "DM5010"
