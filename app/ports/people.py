"""People, their sign-ins and what proves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol

from app.model.records import RefreshToken, User
from app.model.token import Claims, TokenKind


class Users(Protocol):
    """The people of all projects."""

    def add(self, user: User) -> None:
        """Keep a new user. Raises UserError DM7004 where the e-mail is taken in the project."""

    def by_email(self, email: str) -> User | None:
        """The user of that e-mail address (case-insensitive), or None."""

    def by_id(self, user_id: str) -> User | None:
        """The user of that id, or None."""

    def replace(self, user: User) -> None:
        """Keep the user as given, by id. Raises UserError DM7005 where there is none."""

    def change(self, user_id: str, change: Callable[[User], User]) -> User:
        """Read the user, keep what `change` makes of it, and return that, with no other change of a user between.

        Raises UserError DM7005 where there is none, DM7004 where a new e-mail is taken, DM7007 where the project would be left without an admin
        who can sign in, and whatever `change` raises; nothing is changed then.
        """

    def page(self, project_id: str, after: str, limit: int) -> Sequence[User]:
        """At most `limit` users of the project, ids ascending, after the id `after` ("" for the first page)."""


class RefreshTokens(Protocol):
    """Refresh tokens in use."""

    def add(self, token: RefreshToken) -> None:
        """Keep a new token."""

    def use(self, token_id: str, now: dt.datetime) -> RefreshToken | None:
        """Mark as used, atomically, and give it as it was before; None where unknown. Two callers at once: one gets `used=False`."""

    def revoke_family(self, family: str) -> None:
        """No token of the family is good any more."""

    def revoke_user(self, user_id: str) -> None:
        """No token of the user is good any more."""

    def of_user(self, user_id: str) -> Sequence[RefreshToken]:
        """The user's tokens that are known still, the last to expire first."""

    def stands(self, family: str) -> bool:
        """Whether the sign-in still holds: it has a token that was not revoked."""


class Tokens(Protocol):
    """Makes and reads signed tokens."""

    def issue(self, claims: Claims) -> str:
        """The token that says so."""

    def read(self, token: str, kind: TokenKind, now: dt.datetime) -> Claims:
        """What the token says. Raises UserError DM7002 (access) or DM7003 (refresh) where it is not ours, of another kind, altered, or not valid at `now`."""


class Passwords(Protocol):
    """Keeps passwords as hashes that are slow to guess from."""

    def hash(self, password: str) -> str:
        """A salted hash of the password."""

    def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the hashed one; with None it is not, and finding out takes as long."""
