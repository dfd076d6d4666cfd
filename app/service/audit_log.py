"""Reading the audit trail, for admins. That is recorded too, before the first record is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.model.audit.catalogue import EventType
from app.model.audit.chain import AuditRecord, timestamp
from app.ports.audit import AuditFilter
from app.service.audit import Caller, noted
from app.service.deps import Deps
from app.service.rights import require_admin

COMPONENT = "security"
_FIELDS = (
    "event_type", "user_id", "email", "component", "status", "ip_address", "correlation_id", "layer_version", "policy_fingerprint",
)  # fmt: skip


def read(deps: Deps, caller: Caller, wanted: AuditFilter, *, before: int = 0, limit: int = 50) -> Sequence[AuditRecord]:
    """At most `limit` records of the caller's project, newest first, those with `seq` below `before` (0: from the newest on).

    Raises UserError DM7011 (no admin), InternalError DM8010 where the reading can't be recorded: then nothing is read.
    """
    require_admin(caller)
    with noted(deps.audit, deps.clock, caller, EventType.AUDIT_READ, COMPONENT, door=caller.door, filters=wanted.given()):
        return deps.trail.trail.page(caller.principal.project_id, wanted, before, limit)


def record_body(record: AuditRecord) -> dict[str, Any]:
    """A record as it goes out: `timestamp` in place of `at`, the details as an object."""
    fields = msgspec.structs.asdict(record)
    return {
        "id": record.id,
        "sequence": record.sequence,
        "timestamp": timestamp(record.at),
        **{name: fields[name] for name in _FIELDS},
        "details": msgspec.json.decode(record.details),
        **{name: fields[name] for name in ("previous_hash", "hash", "key_id", "hmac")},
    }
