"""The log of turns in the store (`app.ports.Queries`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store import problems
from app.adapters.store.database import Database
from app.adapters.store.rows import columns, page, to_record, to_row
from app.adapters.store.tables import queries
from app.model.ids import first_id
from app.model.records import AskedQuery, QueryRecord


class StoredQueries:
    """Turns by id; ids of one kind sort by time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: QueryRecord) -> None:
        """Keep a turn, or replace the one of the same id. Raises InternalError DM8015 where that one is another user's or project's."""
        row = to_row(record)
        statement = insert(queries).values(**row)
        statement = statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in row if name != "id"},
            where=sa.and_(queries.c.project_id == statement.excluded.project_id, queries.c.user_id == statement.excluded.user_id),
        )
        with self._database.transaction() as connection:
            if connection.execute(statement.returning(queries.c.id)).first() is None:
                raise problems.foreign_record(record.id)

    def get(self, query_id: str, project_id: str) -> QueryRecord | None:
        """The turn of that id in the project."""
        statement = sa.select(*columns(queries, QueryRecord)).where(queries.c.id == query_id, queries.c.project_id == project_id)
        with self._database.transaction() as connection:
            row = connection.execute(statement).first()
        return to_record(row, QueryRecord) if row is not None else None

    def page(self, project_id: str, user_id: str, before: str, limit: int) -> Sequence[QueryRecord]:
        """At most `limit` turns, newest first, before the id `before`; `user_id` "" means everybody's."""
        of_user = (queries.c.user_id == user_id,) if user_id else ()
        with self._database.transaction() as connection:
            return page(connection, queries, QueryRecord, queries.c.project_id == project_id, *of_user, before=before, limit=limit)

    def without_words(self, project_id: str, user_id: str) -> int:
        """Take question, query, SQL and answer out of the person's turns; how many there were."""
        emptied = dict.fromkeys(("question", "semantic_query", "sql", "answer"), "")
        mine = sa.and_(queries.c.project_id == project_id, queries.c.user_id == user_id)
        with self._database.transaction() as connection:
            return int(connection.execute(sa.update(queries).where(mine).values(emptied)).rowcount)

    def asked(self, project_id: str, since: dt.datetime, most: int) -> Sequence[AskedQuery]:
        """By the index of ids, which sort by time."""
        newest = (
            sa.select(queries.c.semantic_query, queries.c.user_id, queries.c.status, queries.c.question)
            .where(queries.c.project_id == project_id, queries.c.id >= first_id("qry", since))
            .order_by(queries.c.id.desc())
            .limit(most)
            .subquery()
        )
        answered = sa.and_(newest.c.status == "succeeded", newest.c.question != "", newest.c.semantic_query != "")
        grouped = (
            sa.select(newest.c.semantic_query, newest.c.user_id, sa.func.count())
            .where(answered)
            .group_by(newest.c.semantic_query, newest.c.user_id)
        )
        with self._database.transaction() as connection:
            return [AskedQuery(row[0], row[1], row[2]) for row in connection.execute(grouped)]
