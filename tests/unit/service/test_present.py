"""Results as JSON: nothing lost, nothing that JSON cannot hold."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from app.gateway.schemas.answer import AnswerReply
from app.model.answer import Answer, Drafted, Mode, Outcome, Verdict
from app.model.result import Result, ResultColumn
from app.model.types import DataType
from app.service import present


def result(*columns: tuple[str, DataType, tuple[object, ...]], **more: object) -> Result:
    return Result(tuple(ResultColumn(name, type_) for name, type_, _ in columns), tuple(data for *_, data in columns), **more)


def test_cells_keep_their_digits_and_dates_are_iso() -> None:
    found = result(
        ("money", DataType.DECIMAL, (Decimal("12345678901234567890.123456789"),)),
        ("day", DataType.DATE, (dt.date(2026, 6, 30),)),
        ("at", DataType.TIMESTAMP, (dt.datetime.fromisoformat("2026-06-30T12:00:01"),)),
        ("none", DataType.TEXT, (None,)),
    )
    text = present.to_json(present.rows(found)).decode()
    assert text == '[{"money":12345678901234567890.123456789,"day":"2026-06-30","at":"2026-06-30T12:00:01","none":null}]'


def test_what_json_has_no_number_for_is_null() -> None:
    cells = (float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), 1.5, Decimal("2.50"))
    found = result(("n", DataType.FLOAT, cells))
    text = present.to_json(present.rows(found)).decode()
    assert [row["n"] for row in json.loads(text)] == [None, None, None, None, 1.5, 2.5]
    assert "2.50" in text


def test_columns_of_one_name_are_all_kept() -> None:
    found = result(*((name, DataType.INTEGER, (number,)) for number, name in enumerate(["a", "a", "b", "a_2", "a"])))
    assert present.rows(found) == [{"a": 0, "a_3": 1, "b": 2, "a_2": 3, "a_4": 4}]
    assert [column.name for column in present.columns(found)] == list(present.rows(found)[0])


def test_an_answer_is_one_object() -> None:
    found = result(("n", DataType.INTEGER, (1, 2)), truncated=True, elapsed_ms=3.0)
    body = json.loads(present.to_json(present.answer(Answer("qry_1", Outcome.ANSWER, result=found))))
    assert (body["results"], body["rows_returned"], body["truncated"], body["execution_time_ms"]) == ([{"n": 1}, {"n": 2}], 2, True, 3.0)
    assert body["columns"] == [{"name": "n", "type": "integer"}]
    assert "result" not in body
    empty = json.loads(present.to_json(present.answer(Answer("qry_1", Outcome.REFUSE))))
    assert (empty["results"], empty["rows_returned"], empty["truncated"]) == ([], 0, False)


def test_by_what_a_question_was_read_is_written_out() -> None:
    drafted = Drafted("scripted", "script", Verdict.AGREED, 1, 900, 40, 0.002, 12.5)
    body = json.loads(present.to_json(present.answer(Answer("qry_1", Outcome.ANSWER, mode=Mode.LIMITED_AI, drafted=drafted))))
    assert body["mode"] == "LIMITED_AI"
    assert body["drafted"] == {
        "provider": "scripted", "model": "script", "verdict": "agreed", "calls": 1, "tokens_in": 900, "tokens_out": 40, "cost": 0.002, "ms": 12.5,
    }  # fmt: skip
    reply = AnswerReply.model_validate({**body, "correlation_id": "cor_1"})
    assert reply.drafted is not None
    assert reply.drafted.verdict == "agreed"
