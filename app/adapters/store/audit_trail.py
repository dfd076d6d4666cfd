"""The audit trail to read (`app.ports.AuditTrail`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from app.adapters.store.columns import Text
from app.adapters.store.database import Database
from app.adapters.store.rows import columns, to_record
from app.adapters.store.tables import QUERY_OF_AUDIT, audit_log
from app.model.audit.chain import AuditRecord
from app.ports.audit import AuditFilter

_SPAN = 10_000
"""How many of the store's numbers are looked at in one statement for whom they name."""
_EQUAL = ("user_id", "event_type", "status", "component", "correlation_id")


class StoredAuditTrail:
    """Pages of records: nothing here holds more than one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, project_id: str, wanted: AuditFilter, before: int, limit: int) -> Sequence[AuditRecord]:
        """At most `limit` records, newest first, those with `seq` below `before` (0: from the newest on); records older than the chain too."""
        statement = sa.select(*columns(audit_log, AuditRecord)).where(audit_log.c.project_id == project_id)
        for name in _EQUAL:
            if value := getattr(wanted, name):
                statement = statement.where(audit_log.c[name] == value)
        if wanted.query_id:
            statement = statement.where(sa.literal_column(QUERY_OF_AUDIT, Text) == wanted.query_id)
        if wanted.since is not None:
            statement = statement.where(audit_log.c.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(audit_log.c.at < wanted.until)
        if before:
            statement = statement.where(audit_log.c.seq < before)
        return self._records(statement.order_by(audit_log.c.seq.desc()).limit(limit))

    def chain(self, project_id: str, first: int, limit: int) -> Sequence[AuditRecord]:
        """At most `limit` records of the chain from the number `first` on, in order."""
        of_project = sa.select(*columns(audit_log, AuditRecord)).where(audit_log.c.project_id == project_id, audit_log.c.sequence >= first)
        return self._records(of_project.order_by(audit_log.c.sequence).limit(limit))

    def numbered(self, project_id: str, sequences: Sequence[int]) -> Mapping[int, str]:
        """The hashes of the records of these numbers; those that are not there are left out."""
        statement = sa.select(audit_log.c.sequence, audit_log.c.hash).where(
            audit_log.c.project_id == project_id, audit_log.c.sequence == sa.any_(sa.cast(list(sequences), sa.ARRAY(sa.BigInteger)))
        )
        with self._database.transaction() as connection:
            return {int(row[0]): str(row[1]) for row in connection.execute(statement)}

    def first_since(self, project_id: str, moment: dt.datetime) -> int:
        """The smallest number of a record of that moment or later; 0 where there is none."""
        statement = sa.select(sa.func.min(audit_log.c.sequence)).where(audit_log.c.project_id == project_id, audit_log.c.at >= moment)
        with self._database.transaction() as connection:
            return int(connection.execute(statement).scalar() or 0)

    def naming(self, project_id: str, user_id: str) -> Iterator[AuditRecord]:
        """The records that are the user's or name the user, newest first; read by spans of the store's numbers, since no index knows who is named."""
        of_project = audit_log.c.project_id == project_id
        with self._database.transaction() as connection:
            bounds = sa.select(sa.func.max(audit_log.c.seq), sa.func.min(audit_log.c.seq)).where(of_project)
            row = connection.execute(bounds).one()
        last, first = int(row[0] or 0), int(row[1] or 1)
        while last >= first:
            within = (audit_log.c.seq <= last, audit_log.c.seq > last - _SPAN)
            named = sa.or_(audit_log.c.user_id == user_id, sa.func.strpos(audit_log.c.details, user_id) > 0)
            statement = sa.select(*columns(audit_log, AuditRecord)).where(of_project, *within, named)
            yield from self._records(statement.order_by(audit_log.c.seq.desc()))
            last -= _SPAN

    def unchained(self, project_id: str) -> tuple[int, dt.datetime | None]:
        """How many records are older than the chain, and when the newest of them was made."""
        statement = sa.select(sa.func.count(), sa.func.max(audit_log.c.at)).where(
            audit_log.c.project_id == project_id, audit_log.c.sequence.is_(None)
        )
        with self._database.transaction() as connection:
            row = connection.execute(statement).one()
        return int(row[0]), row[1]

    def _records(self, statement: sa.Select[tuple[object, ...]]) -> Sequence[AuditRecord]:
        with self._database.transaction() as connection:
            return [to_record(row, AuditRecord) for row in connection.execute(statement)]
