"""Training items in the store (`app.ports.Training`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.tables import training_data as table
from app.adapters.store.tables import training_sets as sets
from app.model.records import TrainingItem

COMPILED = "compiled"
"""The origin of items that come from a layer; items of another origin do not go with it."""


class StoredTraining:
    """Training items of each project, and the sets of them that layers have."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, project_id: str, document_hash: str, items: Sequence[TrainingItem], layers: int) -> None:
        """Store items that are new, the set, and forget sets and items that are kept no longer; in one transaction."""
        by_id = {item.id: item for item in items}
        with self._database.transaction() as connection:
            advisory_lock(connection, "training", project_id)
            if _newest(connection, project_id) == (document_hash, sorted(by_id)):
                return
            items_of, sets_of = table.c.project_id == project_id, sets.c.project_id == project_id
            known: set[str] = set(connection.execute(sa.select(table.c.id).where(items_of)).scalars())
            rows = [{**to_row(by_id[one]), "project_id": project_id, "origin": COMPILED} for one in sorted(by_id.keys() - known)]
            if rows:
                connection.execute(insert(table).on_conflict_do_nothing(), rows)
            connection.execute(sa.delete(sets).where(sets_of, sets.c.document_hash == document_hash))
            connection.execute(sa.insert(sets).values(project_id=project_id, document_hash=document_hash, ids=sorted(by_id)))
            last = sa.select(sets.c.seq).where(sets_of).order_by(sets.c.seq.desc()).limit(layers)
            connection.execute(sa.delete(sets).where(sets_of, sets.c.seq.not_in(last)))
            compiled = sa.select(table.c.id).where(items_of, table.c.origin == COMPILED)
            unneeded = compiled.except_(sa.select(sa.func.unnest(sets.c.ids)).where(sets_of))
            connection.execute(sa.delete(table).where(items_of, table.c.id.in_(unneeded)))

    def of_layer(self, project_id: str, document_hash: str) -> Sequence[TrainingItem] | None:
        """The items of the layer's set."""
        one = sa.select(sets.c.ids).where(sets.c.project_id == project_id, sets.c.document_hash == document_hash)
        with self._database.transaction() as connection:
            ids = connection.execute(one).scalar()
            return None if ids is None else [item for _, item in sorted(_get(connection, project_id, ids).items())]

    def has(self, project_id: str, document_hash: str) -> bool:
        """Whether the layer has a set."""
        one = sa.select(sa.literal(1)).where(sets.c.project_id == project_id, sets.c.document_hash == document_hash)
        with self._database.transaction() as connection:
            return connection.execute(one).first() is not None

    def ids(self, project_id: str) -> frozenset[str]:
        """The ids of the project's items."""
        with self._database.transaction() as connection:
            return frozenset(connection.execute(sa.select(table.c.id).where(table.c.project_id == project_id)).scalars())

    def get(self, project_id: str, ids: Sequence[str]) -> Mapping[str, TrainingItem]:
        """The project's items of these ids."""
        with self._database.transaction() as connection:
            return _get(connection, project_id, ids)


def _newest(connection: sa.Connection, project_id: str) -> tuple[str, list[str]] | None:
    """The layer that was trained last, with its items' ids."""
    newest = sa.select(sets.c.document_hash, sets.c.ids).where(sets.c.project_id == project_id).order_by(sets.c.seq.desc()).limit(1)
    row = connection.execute(newest).first()
    return (row.document_hash, row.ids) if row else None


def _get(connection: sa.Connection, project_id: str, ids: Sequence[str]) -> dict[str, TrainingItem]:
    wanted = sa.any_(sa.bindparam("ids", list(ids), type_=sets.c.ids.type))
    found = sa.select(*columns(table, TrainingItem)).where(table.c.project_id == project_id, table.c.id == wanted)
    return {row.id: to_record(row, TrainingItem) for row in connection.execute(found)}
