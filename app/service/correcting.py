"""Corrections: approved by an admin, checked as whoever asked, replayed before they answer, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from app.compile.emit.training import CORRECTION
from app.errors import Problem, UserError
from app.language.corrections import Approved
from app.model.audit.catalogue import EventType
from app.model.corrections import Correction, CorrectionState, Difference, Replay
from app.model.ids import new_id
from app.model.jobs import Job, JobKind
from app.model.principal import Principal
from app.model.query import SemanticQuery
from app.model.records import APPROVED, FLAGGED, FeedbackEntry
from app.redaction.redact import redact
from app.service import feedback
from app.service.audit import Caller, noted
from app.service.auth import principal_of
from app.service.deps import Deps
from app.service.feedback import COMPONENT, open_entry, overtaken
from app.service.held_corrections import CHANNEL
from app.service.jobs import request
from app.service.known_values import may_know, sees_all
from app.service.on_paper import try_query, try_sql
from app.service.publishing import kept_reason
from app.service.replay import same_words
from app.service.request import QueryRequest, as_of, semantic_query, written_out
from app.service.rights import require_admin, require_asking

LONGEST = 2_000
"""Characters of a question that is read."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A correction that waits for its replay, and the job that does it; "" where that is asked for within the minute."""

    correction: Correction
    job_id: str


def approve(
    deps: Deps, caller: Caller, entry_id: str, question: str, query: SemanticQuery | QueryRequest | None, sql: str = "", source: str = ""
) -> Waiting:
    """Correct a flagged answer: keep the question with its query, or with SQL for an engine, and have all approved questions replayed. It answers nothing before that.

    What is approved must be one that who asked may ask: it walks the pipeline as them, to where it could be sent. Raises UserError DM7011, DM6072 (no
    such entry), DM6073 (decided already), DM6074 (the caller's own), DM6075 (the asker may not ask that), DM6076 (not one query, or personal data in it).
    """
    require_admin(caller)
    entry = open_entry(deps, caller, entry_id)
    _check_written(question, query, sql, source)
    asker = _asker(deps, entry)
    asked = _as_asked(deps, asker, query) if query is not None else None
    if asked is not None:
        _check_impersonal(asked.canonical().decode())
    else:
        _check_sql(deps, asker, sql, source)
    today = deps.calendar.moment(deps.clock).today
    pair = Approved("", question, asked, today, sql, source)
    if not may_know(deps.serving.view(asker), asker, pair, question) or not _is_open(deps, caller, pair):
        raise _refused(
            UserError(
                Problem("DM6075", "it compares with values that who asked, or who approves, is not shown", hint="say them in the question")
            )
        )
    now = deps.clock.now()
    made = Correction(
        new_id("apr"), entry.project_id, entry.id, entry.query_id, asker.user_id, question.strip(), asked.canonical().decode() if asked else "", sql, source,
        today, caller.principal.user_id, now, deps.serving.layer().version,
    )  # fmt: skip
    decided = replace(entry, status=APPROVED, decided_by=caller.principal.user_id, decided_at=now)
    about = {"feedback_id": entry.id, "correction_id": made.id, "query_id": entry.query_id, "of": asker.user_id}
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_APPROVE, COMPONENT, door=caller.door, **about):
        if not deps.corrections.store.approve(made, decided, before=FLAGGED):
            raise overtaken(entry)
    return _waiting(deps, caller, made)


def hour(deps: Deps) -> str:
    """The hour of now: what was asked for in it is not asked for again."""
    return f"{deps.clock.now():%Y%m%d%H}"


def ask_for_replay(deps: Deps, made: Correction, correlation_id: str = "") -> Job | None:
    """Have a correction that waits replayed; None where that was asked for within the hour, since it waits."""
    arguments = {"correction_id": made.id}
    once = f"replay:{made.id}:{made.decided_at}:{hour(deps)}"
    by = made.decided_by or made.approved_by
    return request(deps, JobKind.REPLAY, arguments, trigger="feedback", by=by, correlation_id=correlation_id, once=once)


def find(deps: Deps, correction_id: str) -> Correction:
    """The correction of that id, or the newest of a flagged entry of that id. Raises UserError DM6072."""
    kept = deps.corrections.store
    by_entry = correction_id.startswith("fbk_")
    found = kept.of_entry(correction_id, deps.project_id) if by_entry else kept.get(correction_id, deps.project_id)
    if found is None:
        raise UserError(
            Problem("DM6072", "there is no correction of that id", hint="`GET /api/v1/admin/training-data/corrections` lists them")
        )
    return found


def list_corrections(
    deps: Deps, caller: Caller, states: Sequence[CorrectionState], *, before: str = "", limit: int = 50
) -> Sequence[Correction]:
    """At most `limit` corrections in these states, newest first. Raises UserError DM7011."""
    require_admin(caller)
    tag = ",".join(states)
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_READ, COMPONENT, tag=tag, door=caller.door):
        return deps.corrections.store.page(deps.project_id, states or tuple(CorrectionState), before, limit)


def last_replay(deps: Deps, caller: Caller) -> tuple[Replay | None, Sequence[Difference]]:
    """The last time that all approved questions were asked again on paper, None where they never were, and what differed then. Raises UserError DM7011."""
    require_admin(caller)
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_READ, COMPONENT, tag="replay", door=caller.door):
        found = deps.corrections.store.replayed(deps.project_id)
    return found, msgspec.json.decode(found.diff, type=list[Difference]) if found is not None else ()


def accept(deps: Deps, caller: Caller, correction_id: str, reason: str) -> Waiting:
    """Let a held correction stand; those approved before that it changes make way for it. It waits again until a worker has asked all approved questions once more
    (`accepted`).

    Raises UserError DM7011, DM8024 (no reason), DM6072, DM6074 (the caller's own question), DM6077 (it is not held).
    """
    held, reason = _decidable(deps, caller, correction_id), kept_reason(reason)
    if held.state is not CorrectionState.HELD:
        raise _not_held(held)
    stands = replace(held, state=CorrectionState.PENDING, decided_by=caller.principal.user_id, decided_at=deps.clock.now(), reason=reason)
    about = {"correction_id": held.id, "feedback_id": held.feedback_id, "query_id": held.query_id, "of": held.asked_by, "reason": reason}
    others = sorted(shown(held) - {held.id})
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_ACCEPT, COMPONENT, door=caller.door, superseded=others, **about):
        if not deps.corrections.store.settle(stands, before=CorrectionState.HELD):
            raise _not_held(held)
    return _waiting(deps, caller, stands)


def withdraw(deps: Deps, caller: Caller, correction_id: str, reason: str) -> Correction:
    """Take a correction back, held or served; what was flagged waits for an admin again. Raises as `accept`, but for DM8028: it waits for no replay."""
    held, reason = _decidable(deps, caller, correction_id), kept_reason(reason)
    if held.state not in (CorrectionState.HELD, CorrectionState.PENDING, CorrectionState.SERVED):
        raise _not_held(held)
    gone = replace(held, state=CorrectionState.WITHDRAWN, decided_by=caller.principal.user_id, decided_at=deps.clock.now(), reason=reason)
    entry = deps.feedback.get(held.feedback_id, held.project_id)
    again = replace(entry, status=FLAGGED, decided_by="", decided_at=None, reason="") if entry is not None else None
    about = {"correction_id": held.id, "feedback_id": held.feedback_id, "query_id": held.query_id, "of": held.asked_by, "reason": reason}
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_WITHDRAW, COMPONENT, door=caller.door, **about):
        if not deps.corrections.store.settle(gone, before=held.state, entry=again, entry_before=APPROVED):
            raise _not_held(held)
    tell(deps)
    return gone


def tell(deps: Deps) -> None:
    """What answers has changed: this process asks at its next question, the others are told."""
    deps.corrections.held.expire()
    deps.bus.publish(CHANNEL, deps.project_id)


def replaced_by(deps: Deps, made: Correction) -> tuple[str, ...]:
    """The correction on which the flagged answer rested, where it is of the same words: the new one takes its place. Of other words (`in May`, where it was approved
    for June) its own question keeps its answer, and what differs is for an admin to see."""
    entry = deps.feedback.get(made.feedback_id, made.project_id)
    if entry is None or not entry.subject.startswith(CORRECTION):
        return ()
    before = deps.corrections.store.get(entry.subject.removeprefix(CORRECTION), made.project_id)
    return (before.id,) if before is not None and same_words(deps, made, before) else ()


def differences_of(held: Correction) -> list[Difference]:
    """Why it is held."""
    return msgspec.json.decode(held.diff, type=list[Difference])


def shown(held: Correction) -> frozenset[str]:
    """The corrections whose differences are kept with it."""
    return frozenset(one.correction_id for one in differences_of(held))


# --- parts


def _waiting(deps: Deps, caller: Caller, made: Correction) -> Waiting:
    job = ask_for_replay(deps, made, caller.correlation_id)
    return Waiting(made, job.id if job is not None else "")


def _decidable(deps: Deps, caller: Caller, correction_id: str) -> Correction:
    require_admin(caller)
    held = find(deps, correction_id)
    entry = deps.feedback.get(held.feedback_id, held.project_id)
    feedback.require_other(deps, caller, held.asked_by, entry.user_id if entry is not None else "")
    return held


def _not_held(one: Correction) -> UserError:
    return UserError(
        Problem("DM6077", f"the correction {one.id} is {one.state}", hint="look at it again: somebody decided, or its replay runs")
    )


def _check_written(question: str, query: object, sql: str, source: str) -> None:
    if not question.strip() or len(question) > LONGEST:
        raise UserError(Problem("DM6076", "a correction needs the question that it answers", hint=f"at most {LONGEST:,} characters"))
    if (query is None) == (not sql.strip()):
        raise UserError(Problem("DM6076", "a correction is one query: `corrected_query`, or `corrected_sql`", hint="give one of them"))
    if query is not None and (sql or source):
        raise UserError(
            Problem("DM6076", "`source` is the engine of `corrected_sql`", hint="a query is answered by any engine: leave it out")
        )
    _check_impersonal(question)
    _check_impersonal(sql)


def _check_impersonal(text: str) -> None:
    """What is approved is kept and answers everybody: it names no person."""
    if redact(text) != text:
        raise UserError(Problem("DM6076", "a correction holds no personal data", hint="say the question and its query without it"))


def _asker(deps: Deps, entry: FeedbackEntry) -> Principal:
    """Who asked, as they are now."""
    record = deps.queries.get(entry.query_id, entry.project_id)
    user = deps.people.users.by_id(record.user_id) if record is not None else None
    if user is None or user.disabled or user.project_id != entry.project_id:
        raise UserError(Problem("DM6075", "who asked can't sign in any more, so nothing can be checked as them", hint="reject the entry"))
    return principal_of(user)


def _as_asked(deps: Deps, asker: Principal, query: SemanticQuery | QueryRequest) -> SemanticQuery:
    """The query as the asker's view reads it, having walked the pipeline as them."""
    served, today = deps.serving.view(asker), deps.calendar.moment(deps.clock).today
    try:
        require_asking(Caller(asker, "feedback"))
        seen = (served.visible, served.joins)
        read = semantic_query(as_of(query, today), *seen) if isinstance(query, QueryRequest) else written_out(query, *seen)
        try_query(served, asker, read, until="sanitize")
    except UserError as error:
        raise _refused(error) from None
    return read


def _check_sql(deps: Deps, asker: Principal, sql: str, source: str) -> None:
    if source not in deps.engines:
        raise UserError(Problem("DM6076", "SQL is for one engine: `source` names it", hint=f"one of {', '.join(sorted(deps.engines))}"))
    try:
        require_asking(Caller(asker, "feedback"))
        try_sql(deps.serving.view(asker), asker, sql, source)
    except UserError as error:
        raise _refused(error) from None


def _is_open(deps: Deps, caller: Caller, pair: Approved) -> bool:
    """Whether the admin may know the values too, in the same words where not: else one under a policy learnt by trying which values others are shown."""
    view = deps.serving.view(caller.principal)
    return sees_all(view) or may_know(view, caller.principal, pair, pair.question)


def _refused(error: UserError) -> UserError:
    why = Problem(
        "DM6075", "who asked may not ask that, so it is no answer for them", hint="correct it to what they may see, or reject the entry"
    )
    return UserError(why, *error.problems)
