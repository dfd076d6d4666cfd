"""The gold rows of the golden questions: what the SQL beside each gives, and what the gold semantic query gives, which is another way to them."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest

from app.service.query import query
from app.service.request import QueryRequest
from tests.support import golden_questions as golden
from tests.support.demo import Demo
from tests.support.gold_shapes import rows_of


@pytest.fixture(scope="module", params=golden.SETS)
def asked(request: pytest.FixtureRequest) -> tuple[str, Demo]:
    """A business with the name of its set, which is that of its fixture."""
    return request.param, request.getfixturevalue(request.param)


def test_the_rows_are_those_of_the_sql(asked: tuple[str, Demo]) -> None:
    name, found = asked
    wrong = []
    with psycopg.connect(found.servers.owners["postgres"]) as connection:
        for line in golden.read(name):
            for gold in golden.golds(line):
                columns, rows = golden.asked(connection, gold["sql"])
                if columns != gold["columns"] or not golden.same(rows, gold["rows"], ordered=line["ordered"]):
                    wrong.append((line["id"], line["question"], gold["rows"][:3], rows[:3]))
    assert not wrong, "python -m tests.questions.remake makes them anew"


def test_the_gold_query_gives_the_gold_rows(asked: tuple[str, Demo]) -> None:
    name, found = asked
    wrong = []
    for line in golden.read(name):
        if line["kind"] != "answerable":
            continue
        rows = rows_of(line, partial(_answered, found))
        # An alternative may be another shape of the same numbers; which of them is meant makes no difference here.
        if not any(golden.same(rows, gold["rows"], ordered=line["ordered"]) for gold in golden.golds(line)):
            wrong.append((line["id"], line["question"], line["rows"][:3], rows[:3]))
    assert not wrong


def _answered(found: Demo, line: golden.Line) -> golden.Rows:
    time = line.get("time") or {}
    request = QueryRequest(
        metrics=tuple(line["metrics"]),
        group_by=tuple(line["group_by"]),
        where=tuple(golden.conditions(line)),
        having=line.get("having") or "",
        order=tuple(("-" if item["dir"] == "desc" else "") + item["by"] for item in line["order"]),
        limit=line.get("limit"),
        start_time=time.get("start") or "",
        end_time=time.get("end") or "",
    )
    answer = query(found.deps, found.caller(), request, source="postgres").answer
    assert answer is not None
    assert answer.result is not None
    return [[golden.plain(value, digits=15) for value in row] for row in zip(*answer.result.data, strict=True)]
