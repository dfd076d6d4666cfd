"""Users in the store (`app.ports.Users`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.tables import users
from app.errors import Problem, UserError
from app.model.principal import Role
from app.model.records import User

USERS = "users"
"""The lock under which users are added and changed, one at a time."""


class StoredUsers:
    """The people of all projects. An e-mail address belongs to one user of the whole store, since it is what a person signs in with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: User) -> None:
        """Keep a new user. Raises UserError DM7004 where the e-mail is taken."""
        with self._database.transaction() as connection:
            advisory_lock(connection, USERS)
            statement = insert(users).values(**_row(user)).on_conflict_do_nothing(index_elements=["email_key"]).returning(users.c.id)
            if connection.execute(statement).first() is None:
                raise _taken()

    def by_email(self, email: str) -> User | None:
        """The user of that e-mail address, whatever its case."""
        return self._one(users.c.email_key == email_key(email))

    def by_id(self, user_id: str) -> User | None:
        """The user of that id."""
        return self._one(users.c.id == user_id)

    def replace(self, user: User) -> None:
        """Keep the user as given. Raises as `change` does."""
        self.change(user.id, lambda _before: user)

    def change(self, user_id: str, change: Callable[[User], User]) -> User:
        """Read, change and keep a user in one step. Raises UserError DM7005 where there is none of that id, DM7004 where the new e-mail is
        another's, DM7007 where a project would be left without an admin who can sign in.
        """
        with self._database.transaction() as connection:
            before = self._locked(connection, user_id)
            user = change(before)
            if _governs(before) and not (_governs(user) and user.project_id == before.project_id):
                _another_admin(connection, before)
            row = _row(user)
            other = sa.select(users.c.id).where(users.c.email_key == row["email_key"], users.c.id != user_id)
            if connection.execute(other).first() is not None:
                raise _taken()
            connection.execute(sa.update(users).where(users.c.id == user_id).values({**row, "id": user_id}))
        return user

    def page(self, project_id: str, after: str, limit: int) -> Sequence[User]:
        """At most `limit` users of the project, ids ascending, after the id `after`."""
        statement = (
            sa.select(*columns(users, User)).where(users.c.project_id == project_id, users.c.id > after).order_by(users.c.id).limit(limit)
        )
        with self._database.transaction() as connection:
            return [to_record(row, User) for row in connection.execute(statement)]

    def _one(self, condition: sa.ColumnElement[bool]) -> User | None:
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(*columns(users, User)).where(condition)).first()
        return to_record(row, User) if row is not None else None

    @staticmethod
    def _locked(connection: sa.Connection, user_id: str) -> User:
        """The user as it is, while no other change of a user runs: two admins who demote each other must not both succeed."""
        advisory_lock(connection, USERS)
        row = connection.execute(sa.select(*columns(users, User)).where(users.c.id == user_id)).first()
        if row is None:
            raise UserError(Problem("DM7005", "there is no such user", hint="list the users to see their ids"))
        return to_record(row, User)


def email_key(email: str) -> str:
    """What two spellings of one address share: normalised, trimmed and case-folded."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def _row(user: User) -> dict[str, Any]:
    row = to_row(user)
    return {**row, "email_key": email_key(row["email"])}


def _governs(user: User) -> bool:
    return user.role is Role.ADMIN and not user.disabled


def _another_admin(connection: sa.Connection, leaving: User) -> None:
    """Raises UserError DM7007 where nobody else can administer the project."""
    statement = sa.select(users.c.id).where(
        users.c.project_id == leaving.project_id, users.c.role == Role.ADMIN.value, ~users.c.disabled, users.c.id != leaving.id
    )
    if connection.execute(statement.limit(1)).first() is None:
        raise UserError(
            Problem(
                "DM7007",
                "the project's last admin cannot be disabled, moved or given another role",
                hint="make another user an admin first",
            )
        )


def _taken() -> UserError:
    return UserError(Problem("DM7004", "a user with that e-mail address exists already", hint="change that user, or take another address"))
