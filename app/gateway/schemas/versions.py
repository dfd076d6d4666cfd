"""Bodies of versions: what was published, what waits, and what an admin decides."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from app.compile.diff.report import Action, Direction, Kind
from app.gateway.schemas.base import Body, Reply
from app.gateway.schemas.problem import ProblemItem, ProblemPlace
from app.model.versions import CandidateState, Cause, Origin

Reason = Annotated[str, Field(max_length=2_000, description="Kept with the version and in the audit trail.")]


class CompileRequest(Body):
    """Compile and publish the project; `dry_run` publishes nothing and tells what would change."""

    force: bool = Field(False, description="Publish also what breaks consumers or was rolled back; wants a reason.")
    reason: Reason = ""
    dry_run: bool = False


class DecisionRequest(Body):
    """An admin's yes or no to a candidate."""

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class RollbackRequest(Body):
    """Serve an earlier version again."""

    to: str = Field("", max_length=80, description="Its number or hash; without it the version before the current one.")
    reason: Reason = ""
    accept_looser: bool = Field(False, description="Also where people may then see more than now.")


class TouchedNames(Reply):
    """The names of what stands on the subject of a change."""

    metrics: list[str]
    saved_queries: list[str]
    exposures: list[str]
    policies: list[str]
    training: list[str]


class ChangeReply(Reply):
    """One difference, as `datamind diff --json` has it."""

    class_: Kind = Field(alias="class")
    action: Action
    subject: str = Field(examples=["metric.revenue"])
    field: str
    message: str
    before: str
    after: str
    hint: str
    where: ProblemPlace | None
    possible: bool
    security: Direction | None
    touches: TouchedNames
    former: str


class PublicationReply(Reply):
    """A version that was published."""

    number: int
    version: str
    layer_hash: str
    document_hash: str
    published_at: dt.datetime
    published_by: str
    origin: Origin
    restores: int | None
    git_commit: str
    worst: str
    reason: str


class PublishedReply(PublicationReply):
    """A version that was just made the served one; `problems` are warnings of what did not work after that."""

    problems: list[ProblemItem]


class CandidateReply(Reply):
    """A layer that waits for an admin, or waited."""

    id: str
    version: str
    layer_hash: str
    document_hash: str
    compiled_at: dt.datetime
    compiled_by: str
    git_commit: str
    worst: str
    causes: list[Cause]
    state: CandidateState
    decided_at: dt.datetime | None
    decided_by: str
    reason: str


class VersionPage(Reply):
    """Versions, newest first."""

    items: list[PublicationReply]
    next_cursor: str | None


class CandidatePage(Reply):
    """Candidates, newest first."""

    items: list[CandidateReply]
    next_cursor: str | None


class ShownReply(Reply):
    """A version with what it changed; the gravest change first."""

    version: PublicationReply | CandidateReply
    since: PublicationReply | None
    counts: dict[str, int]
    changes: list[ChangeReply]
    notes: list[str]


class TrainingReply(Reply):
    """How many training items the index was given, lost, and kept."""

    added: int
    removed: int
    kept: int


class CompileReply(Reply):
    """What compiling found and did."""

    published: bool
    number: int
    layer_version: str
    metrics: int
    models: int
    problems: list[ProblemItem]
    training: TrainingReply
    refused: list[ProblemItem] = Field(description="Why a dry run's layer would not be published.")
    changes: list[ChangeReply]
