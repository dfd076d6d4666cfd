"""Audit events, made in one place: who did what, when, through which part, with which outcome."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

import msgspec

from app.errors import DataMindError
from app.model.audit.catalogue import CATALOGUE, EventType
from app.model.audit.chain import Detail, canonical
from app.model.audit.event import AuditEvent, masked_email
from app.model.ids import new_id
from app.model.principal import Principal
from app.ports import AuditSink, Clock

LONGEST = 4_000
"""Characters of a text among the details; a longer one is cut."""
MOST_ITEMS = 500


def record(
    audit: AuditSink,
    clock: Clock,
    *,
    event_type: EventType,
    user_id: str,
    project_id: str,
    component: str,
    status: str,
    email: str = "",
    correlation_id: str = "",
    ip_address: str = "",
    layer_version: str = "",
    policy_fingerprint: str = "",
    **details: Detail,
) -> None:
    """Write one event durably. `details` never hold literals of a query or values of a row; `email` is masked here.

    Raises InternalError DM8010 where it can't be kept, ValueError for a status or a detail that the catalogue does not give the event.
    """
    kind = CATALOGUE[event_type]
    if status not in kind.statuses or not set(details) <= set(kind.details):
        raise ValueError(f"the catalogue has no {event_type} with status {status} and details {sorted(details)}")
    audit.record(
        AuditEvent(
            new_id("aud"),
            project_id,
            clock.now(),
            event_type,
            user_id,
            component,
            status,
            correlation_id,
            ip_address,
            layer_version,
            policy_fingerprint,
            canonical({name: _bounded(value) for name, value in details.items()}).decode(),
            masked_email(email),
        )
    )


class Caller(msgspec.Struct, frozen=True):
    """Who stands at which door: what every use case needs to know of a request."""

    principal: Principal
    door: str
    correlation_id: str = ""
    ip_address: str = ""


class Write(Protocol):
    """`record` with all but the outcome given."""

    def __call__(self, *, status: str, **details: Detail) -> None:
        """Write the event with that outcome."""


@contextmanager
def recorded(write: Write, **details: Detail) -> Iterator[dict[str, Detail]]:
    """Records `begin` before the block and how it ended after it, then with what the block puts into the details that it is given. What can't be recorded
    does not happen."""
    write(status="begin", **details)
    learnt = details.copy()
    try:
        yield learnt
    except Exception as error:
        write(status="failed", **learnt, problem=error.problem.code if isinstance(error, DataMindError) else "DM9001")
        raise
    write(status="succeeded", **learnt)


@contextmanager
def noted(
    audit: AuditSink, clock: Clock, caller: Caller, event_type: EventType, component: str, project_id: str = "", **details: Detail
) -> Iterator[dict[str, Detail]]:
    """`recorded` for what a caller does; in the caller's own project unless another is named."""
    who = caller.principal
    write: Write = partial(
        record, audit, clock, event_type=event_type, user_id=who.user_id, email=who.email, project_id=project_id or who.project_id,
        component=component, correlation_id=caller.correlation_id, ip_address=caller.ip_address,
    )  # fmt: skip
    with recorded(write, **details) as learnt:
        yield learnt


def _bounded(value: Detail) -> Detail:
    """A detail as it may be kept: within bounds, and text that can be stored."""
    if isinstance(value, str):
        return _storable(value if len(value) <= LONGEST else value[: LONGEST - 1] + "…")
    if isinstance(value, list):
        return [_storable(item[:LONGEST]) for item in value[:MOST_ITEMS]]
    return value


def _storable(text: str) -> str:
    """Without lone surrogates, which have no canonical form."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
