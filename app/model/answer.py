"""What a person is told: the outcome of a turn."""

from __future__ import annotations

from enum import StrEnum

from app.errors import Problem
from app.model.base import Node
from app.model.query import SemanticQuery
from app.model.result import Result


class Outcome(StrEnum):
    """A turn answers, asks back, or says no."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    REFUSE = "refuse"


class Definition(Node, frozen=True):
    """A metric as it is defined: what a person needs to judge whether the number is the right one."""

    metric: str
    label: str
    description: str
    formula: str
    type: str
    file: str = ""
    owner: str = ""
    unit: str = ""
    format: str = ""
    """How its values are written, as `meta.datamind.format` says: `0.0%`, `#,##0.00`."""


class StageTime(Node, frozen=True):
    """How long a stage took, in milliseconds."""

    stage: str
    ms: float


class Choice(Node, frozen=True):
    """An option of a clarifying question: a complete query, restated in words."""

    text: str
    query: SemanticQuery


class Answer(Node, frozen=True):
    """The end of a turn.

    `sql` is the statement of stage 4, which the caller may see; `governed_sql` is set for admins only. `policies_applied` says that policy
    hid or masked something it could have shown, never what. `confidence` is 0..1.
    """

    query_id: str
    outcome: Outcome
    question: str = ""
    restated: str = ""
    text: str = ""
    query: SemanticQuery | None = None
    result: Result | None = None
    definitions: tuple[Definition, ...] = ()
    sql: str = ""
    governed_sql: str = ""
    engine: str = ""
    engine_reason: str = ""
    policies_applied: bool = False
    policies: tuple[str, ...] = ()
    stages: tuple[StageTime, ...] = ()
    choices: tuple[Choice, ...] = ()
    nearest: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    confidence: float = 0.0
    layer_version: str = ""
