"""Answers that are shared by a link. What is kept is the question and its query, never rows: whoever opens the link asks it as themselves."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager

from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.conversations import SharedAnswer
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service.asked_again import askable, not_again
from app.service.audit import Caller, noted
from app.service.completed import completed
from app.service.deps import Deps
from app.service.query import query_record
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
    why, hint = not_again(record)
    if why:
        raise UserError(Problem("DM6065", why, hint=hint))
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
        # its words may have been removed meanwhile, and perhaps the links before this one
        if not query_record(deps, caller, query_id).semantic_query:
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
        query = askable(deps, caller, found.semantic_query)
        if query is None:
            raise UserError(
                Problem(
                    "DM6067", "this shared answer can't be shown to you as things are", hint="ask who shared it, or an admin for access"
                )
            )
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


def _no_answer() -> UserError:
    return UserError(
        Problem("DM6065", "that turn has no answer that can be had again", hint="take the answer to a question or to a metric query")
    )


def _unknown() -> UserError:
    return UserError(Problem("DM6066", "there is no shared answer of that id", hint="it may have expired, or been taken away"))


def _noted(deps: Deps, caller: Caller, event: EventType, shared: SharedAnswer) -> AbstractContextManager[object]:
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
