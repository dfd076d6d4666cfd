"""Bodies of the audit trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from app.gateway.schemas.base import Reply


class AuditRecord(Reply):
    """A record of the audit trail: `sequence` is null, and the hashes are empty, in one that is older than the chain."""

    id: str
    sequence: int | None
    timestamp: dt.datetime
    event_type: str
    user_id: str
    email: str = Field(description="Masked: `a***@example.com`.")
    component: str
    status: str
    ip_address: str
    correlation_id: str
    layer_version: str
    policy_fingerprint: str
    details: dict[str, Any]
    previous_hash: str
    hash: str
    key_id: str
    hmac: str


class AuditPage(Reply):
    """A page of records, newest first."""

    items: list[AuditRecord]
    next_cursor: str | None
