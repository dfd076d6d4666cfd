"""Training items in the store (`app.ports.Training`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.tables import training_data as table
from app.model.records import TrainingItem

COMPILED = "compiled"
"""The origin of items that come from a layer; items of another origin are not replaced with it."""


class StoredTraining:
    """Training items of each project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace_all(self, project_id: str, items: Sequence[TrainingItem]) -> None:
        """Make these, and only these, the project's compiled items, in one transaction; equal items are kept once."""
        rows = [{**to_row(item), "project_id": project_id, "origin": COMPILED} for item in {item.id: item for item in items}.values()]
        with self._database.transaction() as connection:
            advisory_lock(connection, "training", project_id)
            connection.execute(sa.delete(table).where(table.c.project_id == project_id, table.c.origin == COMPILED))
            if rows:
                connection.execute(sa.insert(table), rows)

    def all(self, project_id: str) -> Sequence[TrainingItem]:
        """The project's items, ids ascending."""
        statement = sa.select(*columns(table, TrainingItem)).where(table.c.project_id == project_id).order_by(table.c.id)
        with self._database.transaction() as connection:
            return [to_record(row, TrainingItem) for row in connection.execute(statement)]
