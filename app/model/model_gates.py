"""Whether a language model may draft for a project: what it made of the approved questions, and what was decided of that."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.model.base import Node
from app.model.corrections import Difference


class GateState(StrEnum):
    """`pending` was not asked every approved question yet; `held` read one otherwise and waits for an admin; `passed` read none otherwise; `accepted` was let in with
    its differences, `rejected` shut out, both by an admin."""

    PENDING = "pending"
    HELD = "held"
    PASSED = "passed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


DRAFTING = frozenset({GateState.PASSED, GateState.ACCEPTED})
"""The states in which a model drafts."""


class ReadAs(StrEnum):
    """What a model made of an approved question: `same` is what was approved, `other` something else, `none` no draft that can be asked; `unasked` is a question
    that goes to no model, `skipped` one that nobody can ask any more."""

    SAME = "same"
    OTHER = "other"
    NONE = "none"
    UNASKED = "unasked"
    SKIPPED = "skipped"


class Heard(Node, frozen=True, omit_defaults=False):
    """What came of one approved question, over the layer of that version, and what asking took; `cost` is in US dollars."""

    correction_id: str
    layer_version: str
    read_as: ReadAs
    difference: Difference | None = None
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0


class ModelGate(Node, frozen=True):
    """A provider's model before a project. `heard` (a JSON list of `Heard`) is what is known of it so far; of more than it is asked, `approved` says how many approved
    questions there were. `fault` is why the last of `tries` since then came to nothing, "" where none failed."""

    id: str
    project_id: str
    provider: str
    model: str
    created_at: dt.datetime
    state: GateState = GateState.PENDING
    heard: str = "[]"
    approved: int = 0
    fault: str = ""
    tries: int = 0
    tried_at: dt.datetime | None = None
    replayed_at: dt.datetime | None = None
    decided_by: str = ""
    decided_at: dt.datetime | None = None
    reason: str = ""
