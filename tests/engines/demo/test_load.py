"""Loading the demo business: once a scale, whole, alike on both engines, with an honest Problem where an engine fails."""

from __future__ import annotations

from typing import Any

import clickhouse_connect
import psycopg
import pytest

from app.adapters.demo import postgres
from app.adapters.demo.business import generate
from app.adapters.demo.load import LoadReport, load
from app.adapters.embedded.stack import Part, Stack
from app.errors import InternalError, UserError

SCALE = 0.01


def _load(stack: Stack, scale: float = SCALE, *, only: Part | None = None) -> tuple[LoadReport, list[str]]:
    said: list[str] = []
    urls = {part: None if only not in (None, part) else stack.owner_urls[part] for part in (Part.POSTGRES, Part.CLICKHOUSE)}
    return load(scale, postgres_url=urls[Part.POSTGRES], clickhouse_url=urls[Part.CLICKHOUSE], progress=said.append), said


def _postgres(stack: Stack, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.owner_urls[Part.POSTGRES]) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


def _clickhouse(stack: Stack, query: str) -> list[tuple[Any, ...]]:
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE], autogenerate_session_id=False)
    try:
        return [tuple(row) for row in client.query(query).result_rows]
    finally:
        client.close()


def test_both_engines_hold_every_row_and_the_same_values(warehouses: Stack) -> None:
    _load(warehouses)
    for table in generate(SCALE):
        names = ", ".join(column.name for column in table.columns if not column.name.endswith("_at"))
        order = f"{table.key}, loaded_at"
        rows = _postgres(warehouses, f"SELECT {names} FROM raw.{table.name} ORDER BY {order}")
        assert len(rows) == len(table)
        assert _clickhouse(warehouses, f"SELECT {names} FROM raw.{table.name} ORDER BY {order}") == rows
    seconds = (
        "SELECT CAST(SUM(EXTRACT(epoch FROM placed_at)) AS bigint), CAST(SUM(EXTRACT(epoch FROM shipped_at)) AS bigint) FROM raw.orders"
    )
    same = "SELECT sum(toUnixTimestamp(placed_at)), sum(toUnixTimestamp(shipped_at)) FROM raw.orders"
    assert _postgres(warehouses, seconds) == _clickhouse(warehouses, same)


def test_a_second_load_of_the_same_scale_writes_nothing_and_another_scale_replaces(warehouses: Stack) -> None:
    _load(warehouses)
    first, _ = _load(warehouses)
    report, said = _load(warehouses)
    assert report.fingerprint == first.fingerprint
    assert [engine.written for engine in report.engines] == [False, False]
    assert report.rows == ()
    assert said == ["PostgreSQL already holds scale 0.01", "ClickHouse already holds scale 0.01"]
    report, _ = _load(warehouses, 0.02, only=Part.POSTGRES)
    assert [engine.engine for engine in report.engines if engine.written] == ["PostgreSQL"]
    assert _postgres(warehouses, "SELECT count(*) FROM raw.customers") == [(dict(report.rows)["customers"],)]
    report, _ = _load(warehouses)
    assert [engine.written for engine in report.engines] == [True, False]
    assert report.fingerprint != first.fingerprint, "rows written anew are other rows to what was built on them"


def test_a_load_that_broke_off_leaves_postgres_as_it_was_and_is_repeated_on_clickhouse(
    warehouses: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    _load(warehouses)
    before = _postgres(warehouses, "SELECT count(*) FROM raw.customers")
    monkeypatch.setitem(postgres._TYPES, postgres.Kind.MONEY, "no_such_type")
    with pytest.raises(InternalError) as caught:
        _load(warehouses, 0.02, only=Part.POSTGRES)
    assert caught.value.problem.code == "DM5901"
    assert "no_such_type" not in str(caught.value), "the engine's own text is for the log"
    assert _postgres(warehouses, "SELECT count(*) FROM raw.customers") == before
    monkeypatch.undo()
    client = clickhouse_connect.get_client(dsn=warehouses.owner_urls[Part.CLICKHOUSE], autogenerate_session_id=False)
    client.command("TRUNCATE TABLE raw.demo_load")
    client.close()
    report, _ = _load(warehouses)
    assert [engine.written for engine in report.engines] == [False, True]


@pytest.mark.parametrize("scale", [0, -1, 101, float("nan")])
def test_a_scale_out_of_range_is_refused_before_anything_is_touched(scale: float) -> None:
    with pytest.raises(UserError) as caught:
        load(scale, postgres_url="postgresql://nowhere", clickhouse_url=None, progress=lambda line: None)
    assert caught.value.problem.code == "DM1201"


def test_an_engine_that_is_down_is_a_problem_without_its_address() -> None:
    for urls in (
        {"postgres_url": "postgresql://u:secret@127.0.0.1:9/x", "clickhouse_url": None},
        {"postgres_url": None, "clickhouse_url": "clickhouse://u:secret@127.0.0.1:9/x"},
    ):
        with pytest.raises(InternalError) as caught:
            load(SCALE, **urls, progress=lambda line: None)
        assert caught.value.problem.code == "DM5901"
        assert "secret" not in str(caught.value)
