"""Messages with which others tell that the repository changed: signed, taken once, and answered with a sync.

GitHub signs the body with HMAC-SHA256 in `X-Hub-Signature-256` (`sha256=` and hexadecimal digits), dbt Cloud in `Authorization` (digits alone). Neither signs
a header, so what tells a message from another is its body: the same body is taken once, under whatever delivery id it comes. Neither says how old a message
may be. A body is forgotten after `app.ports.jobs.REMEMBERED`; sent again after that, it asks for one sync more, which brings up what the repository has by
then, and changes nothing where nothing changed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import msgspec

from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.jobs import Job, JobKind
from app.service import audit
from app.service.auth import Origin
from app.service.deps import Deps
from app.service.jobs import request
from app.service.refusals import Refusals


class Sender(StrEnum):
    """Whose webhooks are understood."""

    GITHUB = "github"
    DBT_CLOUD = "dbt-cloud"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The secret of each sender whose messages are taken, and the branch whose pushes count."""

    secrets: Mapping[Sender, str] = field(default_factory=dict, repr=False)
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came: `signature` and `event` are the sender's headers, "" where there are none."""

    sender: Sender
    body: bytes
    signature: str
    event: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a message: the job that it made, or why it made none."""

    job: Job | None
    reason: str = ""


class _Content(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of a message, which may have 25 MB: the rest is passed over."""

    ref: msgspec.Raw = msgspec.Raw(b"null")
    event_type: msgspec.Raw = msgspec.Raw(b"null")
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Run(msgspec.Struct, frozen=True, rename="camel"):
    run_status: str = ""


T = TypeVar("T")


def take(deps: Deps, settings: WebhookSettings, message: Message, refusals: Refusals) -> Taken:
    """Check a message and ask for the sync that it calls for; what is refused is counted with `refusals`.

    Raises UserError DM8034 (no secret is set), DM8035 (not signed with it), DM7030 (signed, and no JSON object), DM8036 (taken before).
    """
    _check_signature(deps, settings, message, refusals)
    try:
        content = msgspec.json.decode(message.body, type=_Content)
    except msgspec.DecodeError:
        raise UserError(Problem("DM7030", "the request cannot be read", hint="send one JSON object in UTF-8")) from None
    ignored = _ignored(message, content, settings.branch)
    if ignored:
        return Taken(None, ignored)
    digest = f"{message.sender}:{hashlib.sha256(message.body).hexdigest()}"
    job = None
    if not deps.jobs.taken(deps.project_id, digest):
        come, who = message.origin, f"webhook:{message.sender}"
        _audit(deps, message.sender, "begin", come.ip_address, come.correlation_id)
        job = request(deps, JobKind.SYNC, {"fetch": True}, trigger=who, by=who, correlation_id=come.correlation_id, once=digest)
    if job is None:
        _refuse(deps, message, refusals, "DM8036")
        raise UserError(Problem("DM8036", "this message was taken before", hint="to sync again, use POST /api/v1/admin/sync"))
    return Taken(job)


def _check_signature(deps: Deps, settings: WebhookSettings, message: Message, refusals: Refusals) -> None:
    secret = settings.secrets.get(message.sender, "")
    if not secret:
        name = f"DATAMIND_{message.sender.name}_WEBHOOK_SECRET"
        raise UserError(Problem("DM8034", f"webhooks of {message.sender} are not taken here", hint=f"set {name}"))
    made = hmac.new(secret.encode(), message.body, hashlib.sha256).hexdigest()
    prefix = "sha256=" if message.sender is Sender.GITHUB else ""
    given = message.signature
    if not given.isascii() or not hmac.compare_digest(f"{prefix}{made}", given):
        _refuse(deps, message, refusals, "DM8035")
        raise UserError(Problem("DM8035", "the webhook's signature is not that of its body", hint="compare the secret on both sides"))


def _ignored(message: Message, content: _Content, branch: str) -> str:
    """Why a message calls for nothing, "" where it does."""
    if message.sender is Sender.GITHUB:
        if message.event != "push":
            return f"events of the kind `{message.event[:40]}` call for nothing"
        return "" if _read(content.ref, str, "") == f"refs/heads/{branch}" else f"a push to another branch than `{branch}`"
    event = _read(content.event_type, str, "")
    if event != "job.run.completed":
        return f"events of the kind `{event[:40]}` call for nothing"
    return "" if _read(content.data, _Run, _Run()).run_status.lower() == "success" else "a run that did not succeed"


def _read(part: msgspec.Raw, kind: type[T], otherwise: T) -> T:
    try:
        return msgspec.json.decode(part, type=kind)
    except msgspec.DecodeError:
        return otherwise


def _refuse(deps: Deps, message: Message, refusals: Refusals, problem: str) -> None:
    """Record a refusal: at most one row a minute for each address, with their number. What is refused in passing can't fill the audit trail."""
    kind, come = (str(message.sender), problem), message.origin
    for (sender, code, address), times in refusals.count((*kind, come.ip_address), (*kind, ""), deps.clock.now()):
        mine = (sender, code, address) == (*kind, come.ip_address)
        _audit(deps, Sender(sender), "refused", address, come.correlation_id if mine else "", problem=code, times=times)


def _audit(deps: Deps, sender: Sender, status: str, ip_address: str, correlation_id: str, *, problem: str = "", times: int = 1) -> None:
    audit.record(
        deps.audit, deps.clock, event_type=EventType.WEBHOOK, user_id=f"webhook:{sender}", project_id=deps.project_id, component="webhooks",
        status=status, correlation_id=correlation_id, ip_address=ip_address, problem=problem, times=times,
    )  # fmt: skip
