"""Files of golden questions: what is read of a line, and what is told of one that is none."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from app.errors import Problem, UserError
from app.service.evaluation.gold_query import gold_request
from app.service.evaluation.lines import read_questions
from app.service.evaluation.question import Gold, Kind, Question
from app.service.request import QueryRequest

FILE = "questions.jsonl"
ASKED = {"id": "a", "question": "revenue", "kind": "answerable", "metrics": ["revenue"]}


def read(*lines: object) -> tuple[Question, ...]:
    return read_questions("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines).encode(), FILE)


def wrong(*lines: object) -> list[Problem]:
    with pytest.raises(UserError) as error:
        read(*lines)
    assert {problem.code for problem in error.value.problems} == {"DM6050"}
    return list(error.value.problems)


def test_the_sample_of_the_form(shared: Path) -> None:
    found = read_questions((shared / "questions" / "sample.jsonl").read_bytes(), "sample.jsonl")
    assert [one.kind for one in found].count(Kind.ANSWERABLE) == 10
    assert (found[0].today, found[0].line, found[0].golds[0].rows) == (dt.date(2026, 7, 15), 1, ((19956,),))
    assert found[9].asked_before == ("Revenue last month",)
    assert [one.golds for one in found if one.kind is not Kind.ANSWERABLE] == [(), ()]
    assert gold_request(found[3]) == QueryRequest(("revenue",), where=("product__product_name = 'flame impala'",))
    assert gold_request(found[4]) == QueryRequest(
        ("revenue",), ("location__location_name",), order=("-revenue",), limit=1, start_time="2026-06-01", end_time="2026-06-30"
    )
    assert gold_request(found[8]).having == "revenue < 3000"


def test_what_may_be_left_out_and_what_may_stand_besides() -> None:
    (found,) = read(ASKED | {"today": None, "time": None, "limit": None, "having": None, "note": "mine", "line": 7})
    assert (found.category, found.today, found.asked_before, found.line) == ("answerable", None, (), 1)
    assert read("", "\ufeff" * 0, ASKED, "   ", ASKED | {"id": "b"})[1].line == 5
    assert len(read_questions(b"\xef\xbb\xbf" + json.dumps(ASKED).encode() + b"\r\n", FILE)) == 1


def test_rows_win_over_the_query_and_none_are_rows_where_columns_are_named() -> None:
    rows, none, query = read(
        ASKED | {"rows": [[1]]}, ASKED | {"id": "b", "rows": [], "columns": ["revenue"]}, ASKED | {"id": "c", "rows": [], "columns": []}
    )
    assert [one.golds[0].has_rows for one in (rows, none, query)] == [True, True, False]


def test_other_readings() -> None:
    alts = [[[2]], {"rows": [[3]]}, {"metrics": ["orders"]}]
    (found,) = read(ASKED | {"rows": [[1]], "alts": alts, "group_by": ["x__y"], "ordered": True})
    assert [(gold.rows, gold.metrics, gold.ordered) for gold in found.golds] == [
        (((1,),), ("revenue",), True),
        (((2,),), ("revenue",), True),
        (((3,),), ("revenue",), True),
        ((), ("orders",), False),
    ]


@pytest.mark.parametrize(
    ("line", "path", "said"),
    [
        ("{", "", "truncated"),
        ("[1]", "", "no JSON object"),
        ('{"id": "\ud800"}', "", ""),
        ({"question": "x", "kind": "ambiguous"}, "id", "missing"),
        (ASKED | {"id": 7}, "id", "no text"),
        (ASKED | {"question": " "}, "question", "missing"),
        (ASKED | {"kind": "answerble"}, "kind", "no kind `answerble`"),
        (ASKED | {"today": "yesterday"}, "today", "date"),
        (ASKED | {"limit": "3"}, "limit", "int"),
        (ASKED | {"rows": [[{"a": 1}]]}, "rows[0][0]", "object"),
        (ASKED | {"order": [{"by": "revenue", "dir": "down"}]}, "order[0].dir", "down"),
        (ASKED | {"rows": [[1], [1, 2]]}, "rows", "wide"),
        (ASKED | {"rows": [[1]], "columns": ["a", "b"]}, "rows", "wide"),
        (ASKED | {"metrics": []}, "", "nothing says"),
        (ASKED | {"compare": {"type": "yoy"}}, "compare", "not told by a query"),
    ],
)
def test_a_line_that_is_none(line: object, path: str, said: str) -> None:
    text = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else json.dumps(line).encode()
    with pytest.raises(UserError) as error:
        read_questions(json.dumps(ASKED | {"id": "first"}).encode() + b"\n" + text, FILE)
    (problem,) = error.value.problems
    assert problem.where is not None
    assert (problem.code, problem.where.file, problem.where.line) == ("DM6050", FILE, 2)
    assert problem.where.path == path
    assert said in problem.message
    assert problem.hint


def test_all_lines_are_told_at_once() -> None:
    found = wrong('{"id": x}', ASKED, ASKED, {"id": "x"})
    assert [problem.where.line for problem in found if problem.where] == [1, 3, 4]
    assert "stands in line 2 already" in found[1].message
    assert found[0].where is not None
    assert found[0].where.column == 8


def test_a_file_without_questions() -> None:
    assert "no questions" in wrong("", "  ")[0].message


def test_a_kind_that_is_nearly_one() -> None:
    assert wrong(ASKED | {"kind": "ambigous"})[0].hint == "did you mean `ambiguous`?"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("order__status = 'paid'", "order__status = 'paid'"),
        ({"dimension": "c__city", "op": "=", "value": "Côte d'Or"}, "c__city = 'Côte d''Or'"),
        ({"dimension": "c__city", "op": "==", "value": "x"}, "c__city = 'x'"),
        ({"dimension": "c__city", "op": "in", "value": ["a", "b"]}, "c__city in ('a', 'b')"),
        ({"dimension": "c__city", "op": "=", "value": ["a", "b"]}, "c__city in ('a', 'b')"),
        ({"dimension": "c__city", "op": "!=", "value": ["a", "b"]}, "c__city not in ('a', 'b')"),
        ({"dimension": "c__city", "op": "NOT  IN", "value": ["a"]}, "c__city not in ('a')"),
        ({"dimension": "c__age", "op": "between", "value": [1, 2.5]}, "c__age between 1 and 2.5"),
        ({"dimension": "c__new", "op": "=", "value": True}, "c__new = true"),
        ({"dimension": "c__new", "op": "=", "value": None}, "c__new is null"),
        ({"dimension": "c__new", "op": "!="}, "c__new is not null"),
        ({"dimension": "c__new", "op": "IS NOT NULL"}, "c__new is not null"),
        ({"metric": "orders", "op": ">=", "value": 100}, "orders >= 100"),
    ],
)
def test_conditions_as_text(given: object, text: str) -> None:
    (found,) = read(ASKED | {"where": [given], "having": given})
    assert gold_request(found).where == (text,)
    assert gold_request(found).having == text


def test_a_grain_groups_by_it_once() -> None:
    by_month = {"time": {"start": "2026-01-01", "end": "2026-03-31", "grain": "month"}}
    (found,) = read(ASKED | by_month | {"group_by": ["c__city"]})
    assert gold_request(found).group_by == ("metric_time__month", "c__city")
    (found,) = read(ASKED | by_month | {"group_by": ["metric_time__month"]})
    assert gold_request(found).group_by == ("metric_time__month",)


def test_several_conditions_on_metrics() -> None:
    assert gold_request(Gold(("a",), having=("a > 1", "b < 2"))).having == "a > 1 and b < 2"
    assert gold_request(Gold(("a",))).having == ""
