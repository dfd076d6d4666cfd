"""What people say of answers, and what admins see and reject of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from app.compile.emit.training import CORRECTION
from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.corrections import Correction
from app.model.ids import new_id
from app.model.records import APPROVED, FLAGGED, FeedbackEntry, QueryRecord
from app.pipeline.correct import CORRECTED
from app.redaction.redact import redact
from app.service.audit import Caller, noted
from app.service.deps import Deps
from app.service.publishing import kept_reason
from app.service.query import query_record
from app.service.rights import require_admin, require_asking

COMPONENT = "feedback"
NOTED = "noted"
REJECTED = "rejected"
TAGS = {"flagged-for-review": FLAGGED, "noted": NOTED, "approved": APPROVED, "rejected": REJECTED, "all": ""}
"""The statuses of entries by the tags that callers name."""
GOOD = 4
"""From this rating on an answer is praised: nobody has to look at it."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An entry with the turn that it is of, where that is kept still, and the newest correction that was approved for it."""

    entry: FeedbackEntry
    record: QueryRecord | None
    correction: Correction | None


def flag(deps: Deps, caller: Caller, query_id: str, comment: str, rating: int) -> FeedbackEntry:
    """Say something of an answer: below `GOOD` it is flagged for review, else it is noted. While an entry is open, saying it again changes that one.

    The training item on which the answer rests is left out of what is retrieved from now on, until an admin decides. Of the comment personal data is kept as little as
    of a question. Raises UserError DM7010 (the role), DM3091 (no such turn that the caller may see).
    """
    require_asking(caller)
    record = query_record(deps, caller, query_id)
    who = caller.principal
    status = FLAGGED if rating < GOOD else NOTED
    entry = FeedbackEntry(
        new_id("fbk"), who.project_id, query_id, who.user_id, rating, redact(comment), status, deps.clock.now(), subject_of(record)
    )
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_FLAG, COMPONENT, query_id=query_id) as learnt:
        kept = deps.feedback.add(entry)
        learnt["feedback_id"] = kept.id  # of the entry that was open, where one was
    return kept


def thanks(entry: FeedbackEntry, comment: str) -> str:
    """What the person is told of what they said."""
    said = "thank you: an admin will look at it" if entry.status == FLAGGED else "thank you"
    return f"{said}; what looks like personal data in the comment was not kept" if redact(comment) != comment else said


def subject_of(record: QueryRecord) -> str:
    """The training item on which an answer rests: the correction by which it was read, or the saved query that it asks; "" where there is none."""
    told = msgspec.json.decode(record.answer) if record.answer else {}
    for problem in told.get("problems", ()):
        if problem.get("code") == CORRECTED and problem.get("where"):
            return f"{CORRECTION}{problem['where'].get('path', '')}"
    query = msgspec.json.decode(record.semantic_query) if record.semantic_query else {}
    saved = query.get("saved_query", "")
    return f"saved_query.{saved}" if saved else ""


def listed(deps: Deps, caller: Caller, tag: str, *, before: str = "", limit: int = 50) -> Sequence[Reviewed]:
    """At most `limit` entries of a tag, newest first, with the asker's words. Raises UserError DM7011, DM7031 for an unknown tag."""
    require_admin(caller)
    if tag not in TAGS:
        raise UserError(Problem("DM7031", f"there is no tag `{tag[:40]}`", hint=f"one of {', '.join(TAGS)}"))
    who = caller.principal
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_READ, COMPONENT, tag=tag, door=caller.door):
        found = deps.feedback.page(who.project_id, TAGS[tag], before, limit)
        return [reviewed(deps, entry) for entry in found]


def reviewed(deps: Deps, entry: FeedbackEntry) -> Reviewed:
    """The entry with what belongs to it."""
    record = deps.queries.get(entry.query_id, entry.project_id)
    return Reviewed(entry, record, deps.corrections.store.of_entry(entry.id, entry.project_id))


def reject(deps: Deps, caller: Caller, entry_id: str, reason: str) -> FeedbackEntry:
    """Say no to a flag; what was left out of training because of it comes back.

    Raises UserError DM7011, DM8024 (no reason), DM6072 (no such entry), DM6073 (decided already), DM6074 (the caller's own).
    """
    require_admin(caller)
    reason = kept_reason(reason)
    entry = open_entry(deps, caller, entry_id)
    decided = replace(entry, status=REJECTED, decided_by=caller.principal.user_id, decided_at=deps.clock.now(), reason=reason)
    about = {"feedback_id": entry.id, "query_id": entry.query_id, "of": entry.user_id, "door": caller.door, "reason": reason}
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_REJECT, COMPONENT, **about):
        if not deps.feedback.decide(decided, before=FLAGGED):
            raise overtaken(entry)
    return decided


def open_entry(deps: Deps, caller: Caller, entry_id: str) -> FeedbackEntry:
    """The flagged entry that the caller may decide. Raises UserError DM6072, DM6073, DM6074."""
    entry = deps.feedback.get(entry_id, caller.principal.project_id)
    if entry is None:
        raise UserError(Problem("DM6072", "there is no flagged entry of that id", hint="`GET /api/v1/admin/training-data` lists them"))
    record = deps.queries.get(entry.query_id, entry.project_id)
    require_other(deps, caller, entry.user_id, record.user_id if record is not None else "")
    if entry.status != FLAGGED:
        raise overtaken(entry)
    return entry


def overtaken(entry: FeedbackEntry) -> UserError:
    """DM6073: somebody decided already."""
    return UserError(Problem("DM6073", f"the entry {entry.id} was decided already", hint="list the entries to see what became of it"))


def require_other(deps: Deps, caller: Caller, *user_ids: str) -> None:
    """Nobody decides of their own question or flag, with another account of theirs either: one with the same address but for a `+tag`, or with the same
    attribute `person`. Raises UserError DM6074."""
    who = caller.principal
    for user_id in user_ids:
        user = deps.people.users.by_id(user_id) if user_id and user_id != who.user_id else None
        same = user is not None and (
            _address(user.email) == _address(who.email) or _person(user.attributes) in {_person(who.attributes)} - {""}
        )
        if user_id == who.user_id or same:
            raise UserError(Problem("DM6074", "nobody decides of their own question or flag", hint="ask another admin"))


def _address(email: str) -> str:
    name, _, host = email.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{host}"


def _person(attributes: Sequence[tuple[str, str]]) -> str:
    return dict(attributes).get("person", "").casefold()
