"""Reading: what the interpreter made of a question."""

from __future__ import annotations

from enum import StrEnum

from app.errors import Problem
from app.model.answer import Choice, Outcome
from app.model.base import Node
from app.model.metrics import Window
from app.model.query import SemanticQuery, TimeRange


class Role(StrEnum):
    """What a part of the question became."""

    METRIC = "metric"
    GROUP = "group"
    FILTER = "filter"
    HAVING = "having"
    PERIOD = "period"
    ORDER = "order"
    LIMIT = "limit"
    WORDS = "words"
    """Words of the grammar (`show me`, `by`, `the`) that carry no content of their own."""


class Used(Node, frozen=True):
    """A part of the question that was understood: characters `start` to `end` (exclusive) of it, its role, and what it means.

    `target` is a metric, dimension or entity name, or the phrase itself; `score` is 0..1: 1 for an exact name, less for typos and hints.
    """

    start: int
    end: int
    text: str
    role: Role
    target: str = ""
    score: float = 1.0


class Why(Node, frozen=True):
    """That the change of the query's metric is to be explained: against `earlier`, which lies `back` before; `falls` is what the question takes for
    granted of it, None where it says nothing."""

    earlier: TimeRange
    back: Window
    falls: bool | None = None


class Reading(Node, frozen=True):
    """The interpreter's result: an answerable query, a question back, or an honest no.

    `query` is set where the outcome is ANSWER. `used` and `unused` together account for every content word: with ANSWER, `unused` is empty.
    `choices` are complete queries (CLARIFY); `nearest` are things that can be asked (REFUSE, and CLARIFY without choices);
    `problems` say why, with a code of the DM6xxx range. `confidence` is 0..1 and 0 unless the outcome is ANSWER. `why` is set where the question
    asks for the reason of a change.
    """

    outcome: Outcome
    query: SemanticQuery | None = None
    confidence: float = 0.0
    restated: str = ""
    used: tuple[Used, ...] = ()
    unused: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    nearest: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    why: Why | None = None
