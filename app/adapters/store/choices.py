"""Remembered choices in the store (`app.ports.Choices`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.conversation_tables import choices as table
from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.model.conversations import RememberedChoice


class StoredChoices:
    """Readings that people chose, one for the words of a question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, project_id: str, user_id: str, words: str) -> RememberedChoice | None:
        """What the person chose for a question of these words."""
        found = self._select(_mine(project_id, user_id), table.c.words == words)
        return found[0] if found else None

    def keep(self, choice: RememberedChoice, most: int) -> None:
        """Keep it, in place of an earlier one for the same words; beyond `most` of the person's the oldest are forgotten."""
        row = to_row(choice)
        statement = insert(table).values(**row)
        names = [name for name in row if name not in ("project_id", "user_id", "words")]
        statement = statement.on_conflict_do_update(
            constraint="choices_project_id_user_id_words_key", set_={name: statement.excluded[name] for name in names}
        )
        mine = _mine(choice.project_id, choice.user_id)
        oldest = sa.select(table.c.id).where(mine).order_by(table.c.chosen_at.desc(), table.c.id.desc()).offset(most)
        with self._database.transaction() as connection:
            advisory_lock(connection, "choices", choice.project_id, choice.user_id)
            connection.execute(statement)
            connection.execute(sa.delete(table).where(mine, table.c.id.in_(oldest)))

    def of(self, project_id: str, user_id: str) -> Sequence[RememberedChoice]:
        """All of the person's, the newest first."""
        return self._select(_mine(project_id, user_id))

    def delete(self, choice_id: str, project_id: str, user_id: str) -> bool:
        """Forget the person's choice of that id."""
        return bool(self._deleted(table.c.id == choice_id, _mine(project_id, user_id)))

    def delete_of(self, project_id: str, user_id: str) -> int:
        """Forget all of the person's."""
        return self._deleted(_mine(project_id, user_id))

    def forget(self, project_id: str, before: dt.datetime) -> int:
        """Forget those that were chosen before that moment."""
        return self._deleted(table.c.project_id == project_id, table.c.chosen_at < before)

    def _select(self, *where: sa.ColumnElement[bool]) -> Sequence[RememberedChoice]:
        statement = sa.select(*columns(table, RememberedChoice)).where(*where).order_by(table.c.chosen_at.desc(), table.c.id.desc())
        with self._database.transaction() as connection:
            return [to_record(row, RememberedChoice) for row in connection.execute(statement)]

    def _deleted(self, *where: sa.ColumnElement[bool]) -> int:
        with self._database.transaction() as connection:
            return int(connection.execute(sa.delete(table).where(*where)).rowcount)


def _mine(project_id: str, user_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.project_id == project_id, table.c.user_id == user_id)
