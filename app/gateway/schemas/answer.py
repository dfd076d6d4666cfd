"""The whole answer to a question or a metric query."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.gateway.schemas.base import Reply
from app.gateway.schemas.problem import ProblemPlace
from app.pipeline.turn import Turn
from app.service import present


class ColumnReply(Reply):
    """A result column: its name and family of types."""

    name: str
    type: str


class DefinitionReply(Reply):
    """A metric as it is defined."""

    metric: str
    label: str
    description: str
    formula: str
    type: str
    file: str
    owner: str
    unit: str
    format: str


class StageReply(Reply):
    """How long a stage took, in milliseconds."""

    stage: str
    ms: float


class ChoiceReply(Reply):
    """An option of a question back; its `query` can be sent to POST /api/v1/query as `semantic_query`."""

    text: str
    query: dict[str, Any]


class RemarkReply(Reply):
    """Something that was noticed."""

    code: str
    message: str
    severity: str
    where: ProblemPlace | None
    hint: str
    fix: str | None


class AnswerReply(Reply):
    """The end of a turn. `outcome` is answer, clarify (see `choices`) or refuse (see `problems` and `nearest`).

    `sql` is the statement before governance; `governed_sql` and `policies` are filled for admins only. Decimals come with all their digits.
    """

    query_id: str = Field(examples=["qry_0199f0a1b2c37d4e8f90123456789abc"])
    outcome: str = Field(examples=["answer"])
    question: str
    restated: str = Field(examples=["Revenue by customer country in the last quarter"])
    text: str
    query: dict[str, Any] | None
    columns: list[ColumnReply]
    results: list[dict[str, Any]]
    rows_returned: int
    truncated: bool
    execution_time_ms: float
    definitions: list[DefinitionReply]
    sql: str
    governed_sql: str
    engine: str
    engine_reason: str
    policies_applied: bool
    policies: list[str]
    stages: list[StageReply]
    choices: list[ChoiceReply]
    nearest: list[str]
    problems: list[RemarkReply]
    confidence: float
    layer_version: str
    correlation_id: str


def answer_body(turn: Turn, correlation_id: str) -> dict[str, Any]:
    """The turn's answer as AnswerReply has it. The turn walked to its end, so there is one."""
    if turn.answer is None:
        raise TypeError("a turn that was not walked to its end has no answer to show")
    return {**present.answer(turn.answer), "correlation_id": correlation_id}
