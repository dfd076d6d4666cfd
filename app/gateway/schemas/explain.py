"""What a metric query is, without its rows."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.gateway.schemas.answer import ChoiceReply, DefinitionReply, RemarkReply, StageReply
from app.gateway.schemas.base import Reply
from app.language.define import definitions
from app.language.restate import restate_with
from app.model.answer import Outcome
from app.pipeline.turn import Turn
from app.plan.text import plan_text


class ExplainReply(Reply):
    """A query as it was understood, its logical plan as text, and the SQL that would run. Nothing was run.

    `sql` is the statement before governance; `governed_sql` is filled for admins only. Where `outcome` is clarify or refuse, plan and SQL are empty.
    """

    query_id: str = Field(examples=["qry_0199f0a1b2c37d4e8f90123456789abc"])
    outcome: str = Field(examples=["answer"])
    restated: str = Field(examples=["Revenue by month"])
    query: dict[str, Any] | None
    plan: str = Field(examples=["orders: aggregate\n  scan fct_orders as orders (amount)\n  compute revenue = sum(orders.amount)"])
    sql: str
    governed_sql: str
    engine: str
    engine_reason: str
    definitions: list[DefinitionReply]
    stages: list[StageReply]
    choices: list[ChoiceReply]
    nearest: list[str]
    problems: list[RemarkReply]
    layer_version: str
    correlation_id: str


def explained_body(turn: Turn, correlation_id: str) -> dict[str, Any]:
    """The turn, stopped before execution, as ExplainReply has it."""
    answer, query, served = turn.answer, turn.query, turn.served
    return {
        "query_id": turn.query_id,
        "outcome": answer.outcome if answer is not None else Outcome.ANSWER,
        "restated": restate_with(query, served.lexicon.labels) if query is not None else "",
        "query": query,
        "plan": plan_text(turn.plan) if turn.plan is not None else "",
        "sql": turn.sql.text if turn.sql is not None else "",
        "governed_sql": turn.governed.text if turn.governed is not None and turn.principal.is_admin else "",
        "engine": turn.engine,
        "engine_reason": turn.engine_reason,
        "definitions": definitions(query, served.visible, served.lexicon.labels) if query is not None else (),
        "stages": turn.stages,
        "choices": answer.choices if answer is not None else (),
        "nearest": answer.nearest if answer is not None else (),
        "problems": turn.problems,
        "layer_version": served.layer.version,
        "correlation_id": correlation_id,
    }
