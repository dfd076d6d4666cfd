"""Answers that are shared by a link. What is kept is the question and its query, never rows: whoever opens the link asks it as themselves."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager

import msgspec

from app.errors import Problem, UserError
from app.language.why import asks_why
from app.model.audit.catalogue import EventType
from app.model.conversations import SharedAnswer
from app.model.query import SemanticQuery
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.redaction.redact import is_redacted
from app.service.audit import Caller, noted
from app.service.completed import completed
from app.service.deps import Deps
from app.service.on_paper import try_query
from app.service.query import query_record
from app.service.request import written_out
from app.service.rights import require_asking
from app.service.turns import walk

COMPONENT = "sharing"
MOST = 500
"""Links of one person that can be opened at a time."""


def share(deps: Deps, caller: Caller, query_id: str) -> SharedAnswer:
    """A link to an answer of the caller's own, which opens for `shared_days`.

    Raises UserError DM7010 (the role), DM3091 (no such turn of the caller's own), DM6065 (a turn that can't be asked again by others), DM6069 (too many).
    """
    require_asking(caller)
    who, now = caller.principal, deps.clock.now()
    record = query_record(deps, caller, query_id)
    if record.user_id != who.user_id:
        raise UserError(Problem("DM3091", "there is no query of that id among yours", hint="who asked shares the answer"))
    if record.status != "succeeded" or not record.semantic_query:
        raise _no_answer()
    if asks_why(record.question) is not None:
        message = "the parts of a change are not kept, and a link would show a number alone"
        raise UserError(Problem("DM6065", message, hint="share the question before it"))
    if is_redacted(record.semantic_query):
        raise UserError(Problem("DM6065", "the question names personal data, which is not kept", hint="ask it without, and share that"))
    shared = SharedAnswer(
        f"shr_{secrets.token_hex(16)}",
        who.project_id,
        who.user_id,
        query_id,
        record.question,
        record.semantic_query,
        record.layer_version,
        now,
        now + dt.timedelta(days=deps.talk.shared_days),
    )
    with _noted(deps, caller, EventType.SHARE_CREATE, shared):
        if not deps.talk.shared.add(shared, MOST):
            raise UserError(Problem("DM6069", f"you share {MOST} answers already", hint="take a link away that is not needed any more"))
        if not query_record(
            deps, caller, query_id
        ).semantic_query:  # its words were removed meanwhile, and perhaps the links before this one
            deps.talk.shared.delete(shared.id, who.project_id)
            raise _no_answer()
    return shared


def open_shared(deps: Deps, caller: Caller, share_id: str, *, cancel: Cancel | None = None) -> tuple[SharedAnswer, Turn]:
    """The shared answer as it is for who opens it, asked anew under their own policies; any role may, viewers too. Only the query is written down as the
    opener's: the words are the sharer's, and go with the link.

    Raises UserError DM6066 where there is no such link (any more), DM6067 where the opener may not ask that; what is missing is not said, since its
    name may be hidden from them. Raises whatever the stages raise besides.
    """
    found = _live(deps, caller, share_id)
    with _noted(deps, caller, EventType.SHARE_OPEN, found):
        query = _askable(deps, caller, found)
        return found, walk(deps, caller, query=query, cancel=cancel, then=completed(compares=deps.compares))


def list_shared(deps: Deps, caller: Caller) -> Sequence[SharedAnswer]:
    """The caller's own links that still open, the newest first."""
    now = deps.clock.now()
    return [one for one in deps.talk.shared.of(caller.principal.project_id, caller.principal.user_id) if one.expires_at > now]


def revoke(deps: Deps, caller: Caller, share_id: str) -> None:
    """Take a link away: one's own, or as an admin anybody's of the project. Raises UserError DM6066 for any other."""
    found = deps.talk.shared.get(share_id, caller.principal.project_id)
    if found is None or not (caller.principal.is_admin or found.user_id == caller.principal.user_id):
        raise _unknown()
    with _noted(deps, caller, EventType.SHARE_REVOKE, found):
        deps.talk.shared.delete(share_id, caller.principal.project_id)


def _live(deps: Deps, caller: Caller, share_id: str) -> SharedAnswer:
    found = deps.talk.shared.get(share_id, caller.principal.project_id)
    if found is None or found.expires_at <= deps.clock.now():
        raise _unknown()
    return found


def _askable(deps: Deps, caller: Caller, found: SharedAnswer) -> SemanticQuery:
    """The link's query, which the opener may ask. It is tried on paper first: what is refused there is not written down as a question of theirs."""
    served = deps.serving.view(caller.principal)
    try:
        query = written_out(SemanticQuery.from_json(found.semantic_query), served.visible, served.joins)
        try_query(served, caller.principal, query)
    except (UserError, msgspec.ValidationError):
        raise UserError(
            Problem("DM6067", "this shared answer can't be shown to you as things are", hint="ask who shared it, or an admin for access")
        ) from None
    return query


def _no_answer() -> UserError:
    return UserError(Problem("DM6065", "that turn has no answer to share", hint="share the answer to a question or to a metric query"))


def _unknown() -> UserError:
    return UserError(Problem("DM6066", "there is no shared answer of that id", hint="it may have expired, or been taken away"))


def _noted(deps: Deps, caller: Caller, event: EventType, shared: SharedAnswer) -> AbstractContextManager[None]:
    """The link is told by its beginning: who reads the trail does not get what opens it."""
    return noted(
        deps.audit,
        deps.clock,
        caller,
        event,
        COMPONENT,
        share=shared.id[:12],
        query_id=shared.query_id,
        door=caller.door,
        of=shared.user_id,
    )
