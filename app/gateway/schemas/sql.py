"""Bodies of the SQL door."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field

from app.errors import Problem
from app.gateway.schemas.answer import ChoiceReply, ColumnReply, RemarkReply
from app.gateway.schemas.ask import QUESTION, SOURCE
from app.gateway.schemas.base import Body, Reply
from app.language.restate import restate
from app.model.result import Result
from app.pipeline.turn import Turn
from app.service import present

Engine = Literal["postgres", "clickhouse"]
Text = Annotated[str, Field(min_length=1, max_length=1_000_000, examples=["select country, count(*) from dim_customers group by country"])]


class GenerateRequest(Body):
    """A question to make SQL of."""

    question: QUESTION
    source: SOURCE = ""


class GenerateReply(Reply):
    """The SQL of a question. Where `outcome` is clarify or refuse, `sql` is empty and `explanation` says why."""

    query_id: str
    sql: str = Field(examples=["SELECT sum(amount) AS revenue FROM fct_orders"])
    explanation: str
    confidence_score: float = Field(examples=[0.97])
    correlation_id: str
    generated_at: dt.datetime
    outcome: str
    engine: str
    choices: list[ChoiceReply]
    nearest: list[str]
    problems: list[RemarkReply]


class ValidateRequest(Body):
    """SQL to check against governance, in the dialect of `source`."""

    sql: Text
    source: Engine


class ValidateReply(Reply):
    """Whether it would run; `sql` is what stage 4 makes of it."""

    valid: bool
    sql: str
    engine: str
    problems: list[RemarkReply]
    correlation_id: str


class ExecuteRequest(ValidateRequest):
    """SQL to run in the dialect of `source`; `query_id` names the turn whose SQL it was."""

    query_id: Annotated[str, Field(pattern=r"^qry_[0-9a-f]{32}$")] | None = None


class ExecuteReply(Reply):
    """The rows. `truncated` says that the row limit cut them."""

    query_id: str
    results: list[dict[str, Any]]
    rows_returned: int
    execution_time_ms: float
    explanation: str
    correlation_id: str
    columns: list[ColumnReply]
    truncated: bool
    engine: str
    policies_applied: bool
    problems: list[RemarkReply]


def generated_body(turn: Turn, correlation_id: str) -> dict[str, Any]:
    """The turn, stopped before execution, as GenerateReply has it."""
    answer = turn.answer
    restated = restate(turn.query, turn.served.visible) if turn.query is not None and answer is None else ""
    return {
        "query_id": turn.query_id,
        "sql": turn.sql.text if turn.sql is not None and answer is None else "",
        "explanation": answer.text if answer is not None else ". ".join(part for part in (restated, turn.engine_reason) if part),
        "confidence_score": turn.reading.confidence if turn.reading is not None else 0.0,
        "correlation_id": correlation_id,
        "generated_at": turn.moment.now,
        "outcome": answer.outcome if answer is not None else "answer",
        "engine": turn.engine,
        "choices": answer.choices if answer is not None else (),
        "nearest": answer.nearest if answer is not None else (),
        "problems": turn.problems,
    }


def valid_body(turn: Turn, correlation_id: str) -> dict[str, Any]:
    """SQL that governance lets through, as ValidateReply has it."""
    sql = turn.sql.text if turn.sql is not None else ""
    return {"valid": True, "sql": sql, "engine": turn.engine, "problems": turn.problems, "correlation_id": correlation_id}


def invalid_body(problems: tuple[Problem, ...], source: str, correlation_id: str) -> dict[str, Any]:
    """SQL that is refused, as ValidateReply has it."""
    return {"valid": False, "sql": "", "engine": source, "problems": problems, "correlation_id": correlation_id}


def executed_body(turn: Turn, correlation_id: str) -> dict[str, Any]:
    """The executed turn as ExecuteReply has it."""
    result = turn.result or Result((), ())
    answer = turn.answer
    return {
        "query_id": turn.query_id,
        "results": present.rows(result),
        "rows_returned": result.row_count,
        "execution_time_ms": result.elapsed_ms,
        "explanation": (answer.text or answer.engine_reason) if answer is not None else turn.engine_reason,
        "correlation_id": correlation_id,
        "columns": present.columns(result),
        "truncated": result.truncated,
        "engine": turn.engine,
        "policies_applied": bool(answer and answer.policies_applied),
        "problems": turn.problems,
    }
