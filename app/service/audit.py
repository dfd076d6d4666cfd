"""Audit events, made in one place: who did what, when, through which part, with which outcome."""

from __future__ import annotations

import msgspec

from app.model.ids import new_id
from app.model.principal import Principal
from app.model.records import AuditEvent
from app.ports import AuditSink, Clock


def record(
    audit: AuditSink,
    clock: Clock,
    *,
    event_type: str,
    user_id: str,
    project_id: str,
    component: str,
    status: str,
    correlation_id: str = "",
    ip_address: str = "",
    layer_version: str = "",
    policy_fingerprint: str = "",
    **details: str | int | float | bool | list[str],
) -> None:
    """Write one event durably. `details` never hold literals of a query or values of a row. Raises InternalError DM8010 where it can't be kept."""
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
            msgspec.json.encode(details, order="sorted").decode(),
        )
    )


class Caller(msgspec.Struct, frozen=True):
    """Who stands at which door: what every use case needs to know of a request."""

    principal: Principal
    door: str
    correlation_id: str = ""
    ip_address: str = ""
