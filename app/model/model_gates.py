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


ANY_ADDRESS = "*"
"""The address of what was kept before addresses were told apart: the first that is asked takes it over."""


class ReadAs(StrEnum):
    """What a model made of an approved question: `same` is what was approved, `other` something else, `none` no draft that can be asked; `unasked` is a question
    that goes to no model, `skipped` one that nobody can ask any more."""

    SAME = "same"
    OTHER = "other"
    NONE = "none"
    UNASKED = "unasked"
    SKIPPED = "skipped"


class Heard(Node, frozen=True, omit_defaults=False):
    """What came of one approved question, over the layer of that version, and what asking took; `cost` is in US dollars.

    `told` is the hash of what a prompt for it holds of that layer, "" where an earlier version did not keep it. Only one entry of a question stands; the others are
    remembered, so that nothing is asked twice where a layer comes back. A difference that an admin let the model in with is `accepted`.
    """

    correction_id: str
    layer_version: str
    read_as: ReadAs
    difference: Difference | None = None
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    told: str = ""
    stands: bool = True
    accepted: bool = False


class ModelGate(Node, frozen=True):
    """A provider's model before a project. `heard` (a JSON list of `Heard`) is what is known of it so far; of more than it is asked, `approved` says how many approved
    questions there were. `fault` is why the last of `tries` since then came to nothing, "" where none failed. What is said of it holds for the layer of
    `layer_version`, "" before it was asked everything for the first time. `address` tells the same name elsewhere apart."""

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
    layer_version: str = ""
    address: str = ""
