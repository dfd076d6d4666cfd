"""Conversations in the store (`app.ports.Conversations`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from msgspec.structs import replace

from app.adapters.store.conversation_tables import conversations as table
from app.adapters.store.conversation_tables import turns
from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, page, to_record, to_row
from app.model.conversations import Conversation, ConversationTurn


class StoredConversations:
    """Each statement names project and person, so that nobody reaches another's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, conversation: Conversation, turn: ConversationTurn, most: int) -> None:
        """Keep a new conversation with its first turn, in place of the person's own of that id. Of the person's, the ones that were asked longest ago
        are forgotten beyond `most`."""
        mine = _mine(conversation.project_id, conversation.user_id)
        oldest = sa.select(table.c.id).where(mine).order_by(table.c.asked_at.desc(), table.c.id.desc()).offset(most)
        with self._database.transaction() as connection:
            advisory_lock(connection, "conversations", conversation.project_id, conversation.user_id)
            connection.execute(sa.delete(table).where(mine, table.c.id == conversation.id))
            connection.execute(sa.insert(table).values(**to_row(replace(conversation, turns=1))))
            connection.execute(sa.insert(turns).values(**to_row(replace(turn, conversation_id=conversation.id, number=1))))
            connection.execute(sa.delete(table).where(mine, table.c.id.in_(oldest)))

    def append(self, turn: ConversationTurn) -> int:
        """Keep a turn behind the others; its number, 0 where the conversation is gone. The update's row lock gives two at once different numbers."""
        counted = (
            sa.update(table)
            .where(table.c.id == turn.conversation_id, _mine(turn.project_id, turn.user_id))
            .values(turns=table.c.turns + 1, asked_at=sa.func.greatest(table.c.asked_at, turn.at))
            .returning(table.c.turns)
        )
        with self._database.transaction() as connection:
            number = int(connection.execute(counted).scalar() or 0)
            if number:
                connection.execute(sa.insert(turns).values(**to_row(replace(turn, number=number))))
        return number

    def get(self, conversation_id: str, project_id: str, user_id: str) -> Conversation | None:
        """The person's own conversation of that id."""
        statement = sa.select(*columns(table, Conversation)).where(table.c.id == conversation_id, _mine(project_id, user_id))
        with self._database.transaction() as connection:
            row = connection.execute(statement).first()
        return to_record(row, Conversation) if row is not None else None

    def page(self, project_id: str, user_id: str, before: str, limit: int) -> Sequence[Conversation]:
        """At most `limit` of the person's conversations, the newest first, before the id `before`."""
        with self._database.transaction() as connection:
            return page(connection, table, Conversation, _mine(project_id, user_id), before=before, limit=limit)

    def turns(self, conversation_id: str, project_id: str, user_id: str, before: int, limit: int) -> Sequence[ConversationTurn]:
        """At most `limit` turns of the person's own conversation, the newest first, before that number."""
        of_it = _of(conversation_id, project_id, user_id)
        with self._database.transaction() as connection:
            return page(connection, turns, ConversationTurn, of_it, before=before, limit=limit, key="number")

    def last_answered(self, conversation_id: str, project_id: str, user_id: str) -> ConversationTurn | None:
        """The newest turn of the person's own conversation that came to a query."""
        return self._newest(_of(conversation_id, project_id, user_id), turns.c.semantic_query != "")

    def turn(self, conversation_id: str, project_id: str, user_id: str, query_id: str) -> ConversationTurn | None:
        """The turn of that query id in the person's own conversation."""
        return self._newest(_of(conversation_id, project_id, user_id), turns.c.query_id == query_id)

    def rename(self, conversation_id: str, project_id: str, user_id: str, title: str) -> Conversation | None:
        """The conversation with its new title."""
        statement = sa.update(table).where(table.c.id == conversation_id, _mine(project_id, user_id)).values(title=title)
        with self._database.transaction() as connection:
            row = connection.execute(statement.returning(*columns(table, Conversation))).first()
        return to_record(row, Conversation) if row is not None else None

    def delete(self, conversation_id: str, project_id: str, user_id: str) -> bool:
        """Forget it and its turns."""
        return bool(self._deleted(table.c.id == conversation_id, _mine(project_id, user_id)))

    def delete_of(self, project_id: str, user_id: str) -> int:
        """Forget all of the person's."""
        return self._deleted(_mine(project_id, user_id))

    def forget(self, project_id: str, before: dt.datetime) -> int:
        """Forget those that were asked last before that moment."""
        return self._deleted(table.c.project_id == project_id, table.c.asked_at < before)

    def _newest(self, *where: sa.ColumnElement[bool]) -> ConversationTurn | None:
        with self._database.transaction() as connection:
            found = page(connection, turns, ConversationTurn, *where, before=0, limit=1, key="number")
        return found[0] if found else None

    def _deleted(self, *where: sa.ColumnElement[bool]) -> int:
        with self._database.transaction() as connection:
            return int(connection.execute(sa.delete(table).where(*where)).rowcount)


def _mine(project_id: str, user_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.project_id == project_id, table.c.user_id == user_id)


def _of(conversation_id: str, project_id: str, user_id: str) -> sa.ColumnElement[bool]:
    """The turns of the person's own conversation."""
    return sa.and_(turns.c.conversation_id == conversation_id, turns.c.project_id == project_id, turns.c.user_id == user_id)
