"""Versions of the layer: publications, and the candidates that wait to become one."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.model.base import Node

SHOWN_DIGITS = 12
"""How many digits of a layer's hash people are shown."""


class Origin(StrEnum):
    """What made a layer the served one: a sync, a sync that an admin forced, an admin's approval of a candidate, or a rollback."""

    SYNC = "sync"
    FORCED = "forced"
    APPROVED = "approved"
    ROLLBACK = "rollback"


class Publication(Node, frozen=True):
    """The event that made a layer the served one: a version of the project's layer.

    `layer_hash` is the Ontology's fingerprint; `document_hash` that of the whole Layer, placements included; `code_hash` names the models' code that
    was kept beside it. `number` counts the project's publications from 1 (0 before it is one). `worst` is the gravest class of the changes since the
    one before, "" for the first and where nothing differs. `restores` is the number of the version that a rollback made current again.
    """

    id: str
    project_id: str
    layer_hash: str
    document_hash: str
    published_at: dt.datetime
    published_by: str
    git_commit: str = ""
    number: int = 0
    origin: Origin = Origin.SYNC
    reason: str = ""
    worst: str = ""
    restores: int = 0
    code_hash: str = ""

    @property
    def version(self) -> str:
        """The content hash as answers and audit records name it."""
        return self.layer_hash[:SHOWN_DIGITS]


class CandidateState(StrEnum):
    """`open` waits for an admin; `superseded`: something else was published, or another candidate came, before anybody decided."""

    OPEN = "open"
    REJECTED = "rejected"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Cause(StrEnum):
    """Why a layer is not published by itself: it takes away what consumers use, lets people see more than before, can't be compared with the served one, or
    answers a question otherwise than was approved."""

    BREAKING = "breaking"
    LOOSENED = "loosened"
    UNKNOWN = "unknown"
    REPLAY = "replay"


class Candidate(Node, frozen=True):
    """A compiled layer that is not published before an admin says so. `base_hash` is the document that it was compared with, and must still be current then."""

    id: str
    project_id: str
    layer_hash: str
    document_hash: str
    base_hash: str
    compiled_at: dt.datetime
    compiled_by: str
    git_commit: str = ""
    worst: str = ""
    causes: tuple[Cause, ...] = ()
    code_hash: str = ""
    state: CandidateState = CandidateState.OPEN
    decided_at: dt.datetime | None = None
    decided_by: str = ""
    reason: str = ""

    @property
    def version(self) -> str:
        """The content hash, as that of a publication."""
        return self.layer_hash[:SHOWN_DIGITS]
