"""The audit trail in the store (`app.ports.AuditSink`): one gapless chain a project, however many processes write; a trigger refuses to change or delete.

Callers of one process share transactions: whoever comes first writes, those who come while it does wait and are written together by the next of them.
So nobody waits for a timer, and many callers cost few commits. The number of a record is taken under a lock in the transaction that keeps it: a rollback,
or a process that is killed, leaves no gap.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from msgspec.structs import asdict, replace

from app.adapters.audit_checkpoints import CheckpointFile
from app.adapters.store import problems
from app.adapters.store.columns import storable
from app.adapters.store.database import Database
from app.adapters.store.tables import audit_log
from app.errors import DataMindError
from app.model.audit.chain import GENESIS, AuditRecord, Keys, sealed
from app.model.audit.event import AuditEvent
from app.ports import Health

MOST_TOGETHER = 500
"""How many records one transaction takes."""
_LOCK = sa.text("SELECT set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock(hashtextextended(:key, 0))")
_COLUMNS = tuple(column.name for column in audit_log.columns if column.name != "seq")


class _Waiting:
    """An event that is to be kept, and what became of it. `turn` is set when it is settled, or when its caller is to write what waits."""

    __slots__ = ("error", "event", "settled", "turn")

    def __init__(self, event: AuditEvent) -> None:
        self.event = event
        self.settled = False
        self.error: BaseException | None = None
        self.turn = threading.Event()


class StoredAudit:
    """Keeps audit events durably."""

    def __init__(self, database: Database, keys: Keys, checkpoints: CheckpointFile) -> None:
        self._database, self._keys, self._checkpoints = database, keys, checkpoints
        self._queue: list[_Waiting] = []
        self._lock = threading.Lock()
        self._writing = False

    def record(self, event: AuditEvent) -> None:
        """Keep the event; it is on disk when this returns. Raises InternalError DM8010 where it cannot be kept, for whatever reason."""
        waiting = _Waiting(replace(event, **{name: storable(value) for name, value in asdict(event).items() if isinstance(value, str)}))
        with self._lock:
            self._queue.append(waiting)
            first, self._writing = not self._writing, True
        if first:
            waiting.turn.set()
        try:
            waiting.turn.wait()
        finally:  # also where this thread is interrupted: the others may wait for it to write
            waiting.turn.wait()
            if not waiting.settled:
                self._write_next()
        if waiting.error is not None:
            raise problems.not_audited() from waiting.error

    def health(self) -> Health:
        """Whether checkpoints reach their second place; never raises."""
        return self._checkpoints.health()

    def close(self) -> None:
        """Leave a checkpoint of what has none yet."""
        self._checkpoints.close()

    def _write_next(self) -> None:
        """Write what waits, the caller's event first of all, and leave the rest to whoever waits then."""
        with self._lock:
            taken, self._queue = self._queue[:MOST_TOGETHER], self._queue[MOST_TOGETHER:]
        try:
            self._write(taken)
        except BaseException as error:  # whatever it is: nobody waits for ever, and nobody takes for kept what may not be
            for waiting in taken:
                if not waiting.settled:
                    waiting.settled, waiting.error = True, error
            if not isinstance(error, Exception):
                raise
        finally:
            with self._lock:
                following = self._queue[0] if self._queue else None
                self._writing = following is not None
            for waiting in (*taken, *((following,) if following is not None else ())):
                waiting.turn.set()

    def _write(self, taken: Sequence[_Waiting]) -> None:
        """One transaction for all; where the store refuses one of them, one for each, so that nobody fails for another's."""
        try:
            heads = self._commit([waiting.event for waiting in taken])
        except (DataMindError, TypeError, ValueError) as error:
            if len(taken) == 1 or (isinstance(error, DataMindError) and error.problem.code != "DM8013"):
                for waiting in taken:
                    waiting.settled, waiting.error = True, error
                return
            for waiting in taken:
                self._write([waiting])
            return
        for waiting in taken:
            waiting.settled = True
        for head, count in heads:
            self._checkpoints.came_to(head, count)

    def _commit(self, events: Sequence[AuditEvent]) -> list[tuple[AuditRecord, int]]:
        """Keep the events in their projects' chains; the new end of each, and by how much it grew."""
        by_project: dict[str, list[AuditEvent]] = defaultdict(list)
        for event in events:
            by_project[event.project_id].append(event)
        heads = []
        with self._database.transaction() as connection:
            for project_id in sorted(by_project):  # in one order everywhere, so that two writers never wait for each other
                connection.execute(_LOCK, {"key": f"audit\x1f{project_id}"})
                sequence, previous = _head(connection, project_id)
                records = []
                for event in by_project[project_id]:
                    record = sealed(event, sequence + 1, previous, self._keys)
                    sequence, previous = sequence + 1, record.hash
                    records.append(record)
                connection.execute(sa.insert(audit_log), [{name: getattr(record, name) for name in _COLUMNS} for record in records])
                heads.append((records[-1], len(records)))
        return heads


def _head(connection: sa.Connection, project_id: str) -> tuple[int, str]:
    """Number and hash of the chain's last record. Read after the lock was had: it shows what the last holder committed."""
    newest = (
        sa.select(audit_log.c.sequence, audit_log.c.hash)
        .where(audit_log.c.project_id == project_id, audit_log.c.sequence.is_not(None))
        .order_by(audit_log.c.sequence.desc())
        .limit(1)
    )
    row = connection.execute(newest).first()
    return (int(row[0]), str(row[1])) if row is not None else (0, GENESIS)
