"""One line of the audit trail, before it has its place in the chain."""

from __future__ import annotations

import datetime as dt

from app.model.base import Node


class AuditEvent(Node, frozen=True):
    """Who did what, when, through which part, with which outcome. `details` is canonical JSON (`app.model.audit.chain`) without literals or row values;
    `email` is masked."""

    id: str
    project_id: str
    at: dt.datetime
    event_type: str
    user_id: str
    component: str
    status: str
    correlation_id: str = ""
    ip_address: str = ""
    layer_version: str = ""
    policy_fingerprint: str = ""
    details: str = "{}"
    email: str = ""


def masked_email(email: str) -> str:
    """`a***@example.com`: enough to know a colleague by, too little to write to; "" for none, `***` for what is no address."""
    if not email:
        return ""
    name, at, host = email.rpartition("@")
    return f"{name[:1]}***@{host}" if at and name else "***"
