"""Refresh tokens in the store (`app.ports.RefreshTokens`). Only their ids are kept, never the tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from msgspec.structs import replace

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.tables import refresh_tokens as table
from app.model.records import RefreshToken


class StoredRefreshTokens:
    """Refresh tokens in use, by `jti`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: RefreshToken) -> None:
        """Keep a new token; one whose family was revoked meanwhile is kept as revoked, so that a stolen family cannot live on."""
        with self._database.transaction() as connection:
            advisory_lock(connection, "family", token.family)
            revoked = sa.select(table.c.id).where(table.c.family == token.family, table.c.revoked).limit(1)
            kept = replace(token, revoked=True) if connection.execute(revoked).first() else token
            connection.execute(sa.insert(table).values(**to_row(kept)))

    def use(self, token_id: str, now: dt.datetime) -> RefreshToken | None:
        """Mark as used and give the token as it was before. The update's row lock lets one of two callers find it unused.

        Tokens of the user that expired before `now` are forgotten on the way, all but the one asked for.
        """
        mine = table.c.id == token_id
        with self._database.transaction() as connection:
            fresh = connection.execute(
                sa.update(table).where(mine, ~table.c.used).values(used=True).returning(*columns(table, RefreshToken))
            ).first()
            row = fresh or connection.execute(sa.select(*columns(table, RefreshToken)).where(mine)).first()
            if row is None:
                return None
            found = to_record(row, RefreshToken)
            connection.execute(sa.delete(table).where(table.c.user_id == found.user_id, table.c.expires_at < now, ~mine))
        return replace(found, used=False) if fresh is not None else found

    def revoke_family(self, family: str) -> None:
        """No token of the family is good any more."""
        with self._database.transaction() as connection:
            advisory_lock(connection, "family", family)
            connection.execute(sa.update(table).where(table.c.family == family).values(revoked=True))

    def revoke_user(self, user_id: str) -> None:
        """No token of the user is good any more."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(table).where(table.c.user_id == user_id).values(revoked=True))

    def of_user(self, user_id: str) -> Sequence[RefreshToken]:
        """The user's tokens that are known still, the last to expire first."""
        statement = (
            sa.select(*columns(table, RefreshToken)).where(table.c.user_id == user_id).order_by(table.c.expires_at.desc(), table.c.id)
        )
        with self._database.transaction() as connection:
            return [to_record(row, RefreshToken) for row in connection.execute(statement)]

    def stands(self, family: str) -> bool:
        """Whether the family has a token that was not revoked."""
        with self._database.transaction() as connection:
            return connection.execute(sa.select(table.c.id).where(table.c.family == family, ~table.c.revoked).limit(1)).first() is not None
