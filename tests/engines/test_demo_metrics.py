"""The demo's metrics of every type, through all seven stages on each engine: the rows equal hand-written SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import clickhouse_connect
import psycopg
import pytest
from ruamel.yaml import YAML

from app.model.metrics import Cumulative, Derived, Metric
from app.model.ontology import Ontology
from app.service.query import query
from app.service.request import QueryRequest
from tests.engines.test_demo_answers import plain
from tests.support.demo import Demo

CASES = {case["title"]: case for case in YAML(typ="safe").load((Path(__file__).parent / "demo" / "metrics.yaml").read_text("utf-8"))}
ENGINES = ("postgres", "clickhouse")


def written(demo: Demo, engine: str, case: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of the hand-written SQL, by the bare driver."""
    sql = case.get("sql") or case[engine]
    if engine == "postgres":
        with psycopg.connect(demo.servers.engines["postgres"]) as connection:
            return list(connection.execute(sql).fetchall())
    client = clickhouse_connect.get_client(dsn=demo.servers.owners["clickhouse"].replace("clickhouse://", "http://"))
    try:
        found = client.query(sql, settings={"join_use_nulls": 1, "session_timezone": "UTC"})
        return [tuple(row) for row in found.result_rows]
    finally:
        client.close()


def sorted_rows(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows that compare in any order and across drivers."""
    return sorted((tuple(plain(value) for value in row) for row in found), key=repr)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("title", CASES)
def test_the_rows_equal_hand_written_sql(demo: Demo, title: str, engine: str) -> None:
    case = CASES[title]
    start, end = (day.isoformat() for day in case["during"]) if "during" in case else ("", "")
    request = QueryRequest(tuple(case["metrics"]), tuple(case["group_by"]), tuple(case.get("where", ())), start_time=start, end_time=end)
    answer = query(demo.deps, demo.caller(), request, source=engine).answer
    assert answer is not None
    assert answer.result is not None
    wanted = sorted_rows(written(demo, engine, case))
    assert sorted_rows(list(answer.result.rows())) == wanted
    assert len(wanted) > 2
    assert any(any(value is not None for value in row[len(case["group_by"]) :]) for row in wanted) or not case["metrics"]


def kinds(metric: Metric, ontology: Ontology) -> set[str]:
    """Of what kind a metric is: its type, with what makes types differ within it."""
    found = {metric.type}
    match metric.params:
        case Cumulative(window=window, grain_to_date=to_date):
            found.add("window" if window else "to date" if to_date else "all time")
        case Derived(inputs=inputs):
            found |= {"offset window" for given in inputs if given.offset_window}
            found |= {"offset to grain" for given in inputs if given.offset_to_grain}
    return found


def test_every_kind_of_metric_of_the_demo_is_among_them(demo: Demo) -> None:
    ontology = demo.deps.serving.view(demo.caller().principal).visible
    every = set().union(*(kinds(metric, ontology) for metric in ontology.listed_metrics))
    metrics = [m for case in CASES.values() for name in case["metrics"] if (m := ontology.metric(name)) is not None]
    assert set().union(*(kinds(metric, ontology) for metric in metrics)) == every
    assert len(metrics) >= 10
