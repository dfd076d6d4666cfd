"""The demo's five questions, through all seven stages on each engine: the rows equal hand-written SQL."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import clickhouse_connect
import psycopg
import pytest
from ruamel.yaml import YAML

from app.cli.demo.questions import QUESTIONS
from app.model.answer import Outcome
from app.service.ask import ask
from app.service.query import query
from app.service.request import QueryRequest, semantic_query
from tests.support.demo import Demo

WRITTEN = {
    item["question"]: item
    for item in YAML(typ="safe").load((Path(__file__).parent / "demo" / "questions.yaml").read_text(encoding="utf-8"))
}
ENGINES = ("postgres", "clickhouse")


def expected(demo: Demo, engine: str, sql: str) -> list[tuple[Any, ...]]:
    """The rows of hand-written SQL, by the bare driver."""
    if engine == "postgres":
        with psycopg.connect(demo.servers.engines["postgres"]) as connection:
            return list(connection.execute(sql).fetchall())
    url = demo.servers.owners["clickhouse"].replace("clickhouse://", "http://")
    client = clickhouse_connect.get_client(dsn=url)
    try:
        return [tuple(row) for row in client.query(sql).result_rows]
    finally:
        client.close()


def plain(value: Any) -> Any:
    """A value that compares across drivers: numbers to nine significant digits, times as dates where they are midnight."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(f"{value:.9g}")
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    return value


def rows(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows that compare in any order."""
    return sorted((tuple(plain(value) for value in row) for row in found), key=repr)


def test_every_demo_question_has_hand_written_sql() -> None:
    assert set(QUESTIONS) == set(WRITTEN)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_equals_hand_written_sql(demo: Demo, question: str, engine: str) -> None:
    answer = ask(demo.deps, demo.caller(), question, source=engine).answer
    assert answer is not None
    assert answer.outcome is Outcome.ANSWER
    assert answer.engine == engine
    assert answer.result is not None
    wanted = rows(expected(demo, engine, WRITTEN[question][engine]))
    assert wanted
    assert rows(list(answer.result.rows())) == wanted


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_engines_give_equal_rows(demo: Demo, question: str) -> None:
    results = [ask(demo.deps, demo.caller(), question, source=engine).answer for engine in ENGINES]
    first, second = (rows(list(answer.result.rows())) for answer in results if answer and answer.result)
    assert first == second


@pytest.mark.parametrize("engine", ENGINES)
def test_a_metric_query_gives_the_same_as_the_question(demo: Demo, engine: str) -> None:
    caller = demo.caller()
    served = demo.deps.serving.view(caller.principal)
    request = QueryRequest(("orders",), ("metric_time__month",), start_time="2026-01-01", end_time="2026-12-31")
    answer = query(demo.deps, caller, semantic_query(request, served.visible, served.joins), source=engine).answer
    asked = ask(demo.deps, caller, "Orders by month in 2026", source=engine).answer
    assert answer is not None
    assert asked is not None
    assert answer.result is not None
    assert asked.result is not None
    assert rows(list(answer.result.rows())) == rows(list(asked.result.rows()))
    assert answer.sql == asked.sql
