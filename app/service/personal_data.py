"""All that is kept of a person: given out as one document, and the person's words removed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from app.model.audit.catalogue import EventType
from app.model.audit.chain import AuditRecord
from app.model.base import Node
from app.model.conversations import Conversation
from app.model.corrections import Correction
from app.model.model_usage import UsageLine
from app.model.records import QueryRecord, RefreshToken, User
from app.service.audit import Caller, noted
from app.service.deps import Deps
from app.service.present import fields, to_json
from app.service.rights import require_admin
from app.service.users import COMPONENT, user_in_reach

T = TypeVar("T")
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was removed."""

    conversations: int
    choices: int
    shared_answers: int
    queries: int
    feedback: int
    corrections: int


def export(deps: Deps, caller: Caller, user_id: str = "") -> Iterator[bytes]:
    """One JSON document of all that is kept of the person, in parts: nothing holds more of it than a page. Without `user_id` it is the caller's own.

    Raises UserError DM7011 (another person's, and not an admin), DM7005 (no such user in reach); with the first part, before anything is given out, DM8010.
    """
    return _document(deps, caller, _person(deps, caller, user_id))


def forget(deps: Deps, caller: Caller, user_id: str = "") -> Forgotten:
    """Remove what the person said: conversations, choices and shared answers whole; the words of the query log and of feedback, of which what accounting needs
    stays; approved corrections stay without who asked. Records of the audit trail stay, since each is signed with the one before it; they hold no
    words. Without `user_id` it is the caller's own.

    Raises as `export`.
    """
    user = _person(deps, caller, user_id)
    at = (user.project_id, user.id)
    with noted(deps.audit, deps.clock, caller, EventType.USER_FORGET, COMPONENT, user.project_id, target=user.id, door=caller.door):
        queries = deps.queries.without_words(*at)  # before the links, which are made of it: see `share`
        return Forgotten(
            deps.talk.conversations.delete_of(*at),
            deps.talk.choices.delete_of(*at),
            deps.talk.shared.delete_of(*at),
            queries,
            deps.feedback.without_words(*at),
            deps.corrections.store.without_asker(*at),
        )


def _document(deps: Deps, caller: Caller, user: User) -> Iterator[bytes]:
    with noted(deps.audit, deps.clock, caller, EventType.USER_EXPORT, COMPONENT, user.project_id, target=user.id, door=caller.door):
        head = {"exported_at": deps.clock.now(), "user": _profile(user)}
        yield to_json(head)[:-1]
        for name, items in _parts(deps, user).items():
            yield b',"%s":[' % name.encode()
            for at, item in enumerate(items):
                yield (b"," if at else b"") + to_json(item)
            yield b"]"
        yield b"}"


def _person(deps: Deps, caller: Caller, user_id: str) -> User:
    if user_id and user_id != caller.principal.user_id:
        require_admin(caller)
    return user_in_reach(deps.people, caller, user_id or caller.principal.user_id)


def _profile(user: User) -> dict[str, Any]:
    return {**fields(user, "password_hash", "attributes"), "attributes": dict(user.attributes)}


def _parts(deps: Deps, user: User) -> Mapping[str, Iterator[Any]]:
    """The lists of the document, each read as it is written."""
    project, person, talk = user.project_id, user.id, deps.talk
    return {
        "sign_ins": (_sign_in(one) for one in deps.people.refresh_tokens.of_user(person)),
        "conversations": (_conversation(deps, one) for one in _all(lambda last: talk.conversations.page(project, person, last, _PAGE))),
        "choices": (fields(one, "words", "options", "chosen") for one in talk.choices.of(project, person)),
        "shared_answers": (fields(one) for one in talk.shared.of(project, person)),
        "queries": (_asked(one) for one in _all(lambda last: deps.queries.page(project, person, last, _PAGE))),
        "feedback": (fields(one, "decided_by") for one in _all(lambda last: deps.feedback.of_user(project, person, last, _PAGE))),
        "model_usage": (fields(one, "project_id") for one in _used(deps, user)),
        "corrections": (_corrected(one, person) for one in deps.corrections.store.of_person(project, person)),
        "audit": (_audited(one, person) for one in deps.trail.trail.naming(project, person)),
    }


def _used(deps: Deps, user: User) -> Sequence[UsageLine]:
    return deps.models.usage.lines(user.project_id, dt.date.min, dt.date.max, user.id) if deps.models is not None else ()


def _all(page: Callable[[str], Sequence[Node]]) -> Iterator[Any]:
    """Every record, a page at a time."""
    last = ""
    while found := page(last):
        yield from found
        last = str(getattr(found[-1], "id"))  # noqa: B009 - records of several kinds, each with an id


def _conversation(deps: Deps, kept: Conversation) -> dict[str, Any]:
    turns: list[dict[str, Any]] = []
    before = 0
    while found := deps.talk.conversations.turns(kept.id, kept.project_id, kept.user_id, before, _PAGE):
        turns += [fields(one, "conversation_id", "project_id", "user_id", "choices") for one in found]
        before = found[-1].number
    return {**fields(kept), "turns": turns[::-1]}


def _asked(record: QueryRecord) -> dict[str, Any]:
    """A turn of the query log, its JSON as JSON."""
    as_json = {
        name: msgspec.json.decode(text) if text else None
        for name, text in (("semantic_query", record.semantic_query), ("answer", record.answer))
    }
    return {**fields(record), **as_json}


def _corrected(one: Correction, person: str) -> dict[str, Any]:
    """A correction of a question of theirs, or one that they decided; of the others in it nothing is said."""
    people = {
        name: value
        for name, value in fields(one, "project_id", "diff", "query").items()
        if name in ("asked_by", "approved_by", "decided_by")
    }
    theirs = () if person == one.approved_by else ("sql",)
    rest = {name: value for name, value in fields(one, "project_id", "diff", "query", *theirs).items() if name not in people}
    return {**rest, **{name: value for name, value in people.items() if value == person}}


def _sign_in(token: RefreshToken) -> dict[str, Any]:
    """A sign-in without the id that its token bears."""
    return {"sign_in": token.family, "expires_at": token.expires_at, "used": token.used, "revoked": token.revoked}


def _audited(record: AuditRecord, person: str) -> dict[str, Any]:
    """A record that is of the person, or names them: of what another did it is not said who that was, from where, or in which request."""
    body = {
        "timestamp": record.at,
        "event_type": record.event_type,
        "status": record.status,
        "component": record.component,
        "details": msgspec.json.decode(record.details),
    }
    if record.user_id != person:
        return body
    return {**body, "ip_address": record.ip_address, "correlation_id": record.correlation_id, "layer_version": record.layer_version}
