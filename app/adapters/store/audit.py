"""The audit trail in the store (`app.ports.AuditSink`): rows are added; a trigger refuses to change or delete them."""

from __future__ import annotations

import sqlalchemy as sa

from app.adapters.store import problems
from app.adapters.store.database import Database
from app.adapters.store.rows import to_row
from app.adapters.store.tables import audit_log
from app.errors import InternalError
from app.model.records import AuditEvent


class StoredAudit:
    """Keeps audit events durably."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, event: AuditEvent) -> None:
        """Keep the event; it is on disk when this returns. Raises InternalError DM8010 where it cannot be kept, for whatever reason."""
        try:
            with self._database.transaction() as connection:
                connection.execute(sa.text("SET LOCAL synchronous_commit = on"))
                connection.execute(sa.insert(audit_log).values(**to_row(event)))
        except InternalError as cause:
            raise problems.not_audited() from cause
