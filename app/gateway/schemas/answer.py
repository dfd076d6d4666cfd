"""The whole answer to a question or a metric query."""

from __future__ import annotations

import datetime as dt
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
    """A complete query in words; its `query` can be sent to POST /api/v1/query as `semantic_query`."""

    text: str
    query: dict[str, Any]


class PartReply(Reply):
    """A part of the query in words: what stands at `path` (a JSON Pointer into `query`) is `value`. Each alternative is a complete query in which this part
    alone is another one, or is left out."""

    role: str = Field(examples=["period"], description="metric, calculation, period, group, filter, having, top, order or limit.")
    text: str = Field(examples=["1 Jun 2026 to 30 Jun 2026"])
    path: str = Field(examples=["/time"])
    value: Any
    alternatives: list[ChoiceReply]


class RangeReply(Reply):
    """A period; both days belong to it."""

    start: dt.date
    end: dt.date


class ComparisonReply(Reply):
    """A metric beside what it was in the period before. `percent` is the change as a fraction of what was; null where that was zero or less."""

    metric: str
    period: RangeReply
    current: float
    previous: float
    change: float
    percent: float | None


class ContributionReply(Reply):
    """What one value of a dimension has to do with the change of the metric in `comparison`. The `change`s of one dimension add up to the whole change, and their
    `share`s to one; of a ratio each is the sum of `rate` and `mix`. Where nothing adds up (a distinct count, a median), `share` is null and `change` is the
    value's own. `is_rest` marks what stands for all values that are not listed."""

    dimension: str = Field(examples=["customer__country"])
    label: str = Field(examples=["country"])
    value: str
    previous: float | None
    current: float | None
    change: float
    share: float | None
    rate: float | None
    mix: float | None
    is_rest: bool


class SourceReply(Reply):
    """A model that the answer reads, with what dbt last said on the engine that answered, as far as the caller may know of it: `tests` and `freshness` are passed,
    warned, failed or unknown."""

    model: str
    label: str
    file: str
    tests: str
    passed_tests: int
    failed_tests: int
    freshness: str
    loaded_at: dt.datetime | None
    built_at: dt.datetime | None


class RemarkReply(Reply):
    """Something that was noticed."""

    code: str
    message: str
    severity: str
    where: ProblemPlace | None
    hint: str
    fix: str | None


class DraftedReply(Reply):
    """The part that a language model had in an answer. `verdict` compares its draft with the reading by the project's own words: agreed, differed (the person is
    asked), alone (only the model read the question), declined, asked, invalid (no draft of it could be asked), sql (no metric answers, and it wrote SQL: governed,
    not certified), or unavailable. `cost` is in US dollars."""

    provider: str = Field(examples=["anthropic"])
    model: str
    verdict: str = Field(examples=["agreed"])
    calls: int
    tokens_in: int
    tokens_out: int
    cost: float
    ms: float


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
    parts: list[PartReply]
    follow_ups: list[ChoiceReply] = Field(description="Up to three complete queries that may be asked next.")
    chart: dict[str, Any] | None = Field(
        description="A Vega-Lite specification whose data is named `results`; null where a chart would say nothing."
    )
    sources: list[SourceReply]
    comparison: ComparisonReply | None
    contributions: list[ContributionReply]
    mode: str = Field(
        examples=["GROUNDED"],
        description="By what the question was read: GROUNDED, by the project's own words alone; FULL, with a language model; LIMITED_AI, without the model that is set.",
    )
    drafted: DraftedReply | None
    correlation_id: str


def answer_body(turn: Turn, correlation_id: str) -> dict[str, Any]:
    """The turn's answer as AnswerReply has it. The turn walked to its end, so there is one."""
    if turn.answer is None:
        raise TypeError("a turn that was not walked to its end has no answer to show")
    return {**present.answer(turn.answer), "correlation_id": correlation_id}
