"""The newest results of dbt's runs in the store (`app.ports.QualityStore`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.tables import readings, results
from app.model.quality import NodeResult, Reading

_AT_ONCE = 1_000


class StoredQuality:
    """One result a node and target: the newest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, project_id: str, target: str, reading: Reading) -> bool:
        """Keep what is newer, forget what the reading does not know; False where nothing changed, or the reading is older than one before it."""
        own = (results.c.project_id == project_id) & (results.c.target == target)
        last = (readings.c.project_id == project_id) & (readings.c.target == target)
        with self._database.transaction() as connection:
            advisory_lock(connection, "quality", project_id, target)
            held = connection.execute(sa.select(readings.c.at).where(last)).scalar()
            if held is not None and held > reading.at:
                return False
            known = {row.unique_id: row.at for row in connection.execute(sa.select(results.c.unique_id, results.c.at).where(own))}
            gone = sorted(known.keys() - reading.known)
            newer = [one for one in reading.results if one.unique_id not in known or known[one.unique_id] < one.at]
            if not gone and not newer and held == reading.at:
                return False
            for start in range(0, len(gone), _AT_ONCE):
                connection.execute(sa.delete(results).where(own, results.c.unique_id.in_(gone[start : start + _AT_ONCE])))
            for start in range(0, len(newer), _AT_ONCE):
                rows = [{"project_id": project_id, "target": target, **to_row(one)} for one in newer[start : start + _AT_ONCE]]
                statement = insert(results).values(rows)
                changed = {name: statement.excluded[name] for name in NodeResult.__struct_fields__ if name != "unique_id"}
                connection.execute(statement.on_conflict_do_update(index_elements=["project_id", "target", "unique_id"], set_=changed))
            begun = insert(readings).values(project_id=project_id, target=target, at=reading.at, revision=1)
            moved = {"at": reading.at, "revision": readings.c.revision + (1 if gone or newer else 0)}
            connection.execute(begun.on_conflict_do_update(index_elements=["project_id", "target"], set_=moved))
            return bool(gone or newer)

    def revision(self, project_id: str) -> int:
        """A number that grows with every change."""
        statement = sa.select(sa.func.coalesce(sa.func.sum(readings.c.revision), 0)).where(readings.c.project_id == project_id)
        with self._database.transaction() as connection:
            return int(connection.execute(statement).scalar() or 0)

    def results(self, project_id: str, target: str) -> Sequence[NodeResult]:
        """The newest result of each node, by unique id."""
        statement = sa.select(*columns(results, NodeResult)).where(results.c.project_id == project_id, results.c.target == target)
        with self._database.transaction() as connection:
            return [to_record(row, NodeResult) for row in connection.execute(statement.order_by(results.c.unique_id))]
