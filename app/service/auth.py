"""Signing in and out: who somebody is, and for how long that is believed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.base import Node
from app.model.ids import new_id
from app.model.principal import Principal
from app.model.records import RefreshToken, User
from app.model.token import Claims, TokenKind
from app.ports import AuditSink, Clock, Passwords, RefreshTokens, Tokens, Users
from app.service import audit

COMPONENT = "auth"


@dataclass(frozen=True, slots=True)
class Authentication:
    """The ports that signing in uses, and how long tokens live."""

    users: Users
    refresh_tokens: RefreshTokens
    tokens: Tokens
    passwords: Passwords
    audit: AuditSink
    clock: Clock
    project_id: str = "default"
    """To whose audit trail a sign-in of nobody belongs."""

    access_life: dt.timedelta = dt.timedelta(minutes=15)
    refresh_life: dt.timedelta = dt.timedelta(days=7)


class Origin(Node, frozen=True):
    """Where a request comes from, for the audit trail."""

    correlation_id: str = ""
    ip_address: str = ""


class TokenPair(Node, frozen=True):
    """What a sign-in gives: `expires_in` and `refresh_expires_in` are seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int


def login(auth: Authentication, origin: Origin, email: str, password: str) -> TokenPair:
    """Sign in. Raises UserError DM7001 for an unknown address, a wrong password and a disabled user alike, after equal work."""
    user = auth.users.by_email(email)
    right = auth.passwords.verify(password, user.password_hash if user is not None else None)
    if user is None or not right or user.disabled:
        reason = "unknown_user" if user is None else "disabled" if right else "wrong_password"
        _record(auth, origin, EventType.AUTH_LOGIN, "failed", user, reason=reason)
        raise UserError(
            Problem("DM7001", "the e-mail address or the password is wrong", hint="an admin can set a new password or enable the user")
        )
    pair = _pair(auth, user, new_id("fam"))
    _record(auth, origin, EventType.AUTH_LOGIN, "succeeded", user)
    return pair


def refresh(auth: Authentication, origin: Origin, refresh_token: str) -> TokenPair:
    """A new pair for a refresh token that was never used; the token is used up.

    One that comes back was stolen, from its owner or by its owner's thief: nobody holds a good token of that sign-in afterwards (RFC 9700, 4.14.2).
    Raises UserError DM7003.
    """
    now = auth.clock.now()
    claims = auth.tokens.read(refresh_token, TokenKind.REFRESH, now)
    kept = auth.refresh_tokens.use(claims.id, now)
    user = auth.users.by_id(claims.user_id)
    if kept is None or user is None:
        raise _spent()
    if kept.used:
        auth.refresh_tokens.revoke_family(kept.family)
        _record(auth, origin, EventType.AUTH_REFRESH_REUSE, "refused", user, family=kept.family)
        raise _spent()
    if kept.revoked or kept.expires_at <= now or kept.user_id != user.id or user.disabled:
        raise _spent()
    pair = _pair(auth, user, kept.family)
    _record(auth, origin, EventType.AUTH_REFRESH, "succeeded", user)
    return pair


def logout(auth: Authentication, origin: Origin, refresh_token: str) -> None:
    """End the sign-in that the refresh token belongs to, its access tokens included. A token that is no good leaves nothing to end (RFC 7009, 2.2)."""
    try:
        claims = auth.tokens.read(refresh_token, TokenKind.REFRESH, auth.clock.now())
    except UserError:
        return
    auth.refresh_tokens.revoke_family(claims.family)
    _record(auth, origin, EventType.AUTH_LOGOUT, "succeeded", auth.users.by_id(claims.user_id))


def authenticate(auth: Authentication, access_token: str) -> Principal:
    """Who holds the access token, with the rights of this moment.

    Raises UserError DM7002, also where the sign-in was ended: by signing out, by a new password, or because a used refresh token came back.
    """
    claims = auth.tokens.read(access_token, TokenKind.ACCESS, auth.clock.now())
    user = auth.users.by_id(claims.user_id)
    if user is None or user.disabled or not auth.refresh_tokens.stands(claims.family):
        raise UserError(Problem("DM7002", "the access token is missing, not valid, or has expired", hint="refresh it, or sign in again"))
    return principal_of(user)


def principal_of(user: User) -> Principal:
    """The user as the pipeline knows a person."""
    return Principal(user.id, user.email, user.role, user.project_id, user.groups, tuple(sorted(user.attributes)))


def _pair(auth: Authentication, user: User, family: str) -> TokenPair:
    now = auth.clock.now()
    access = Claims(new_id("acc"), TokenKind.ACCESS, user.id, family, now, now + auth.access_life)
    again = Claims(new_id("rft"), TokenKind.REFRESH, user.id, family, now, now + auth.refresh_life)
    auth.refresh_tokens.add(RefreshToken(again.id, user.id, user.project_id, family, again.expires_at))
    return TokenPair(
        auth.tokens.issue(access), auth.tokens.issue(again), int(auth.access_life.total_seconds()), int(auth.refresh_life.total_seconds())
    )


def _spent() -> UserError:
    return UserError(Problem("DM7003", "the refresh token is not valid, was used before, or has expired", hint="sign in again"))


def _record(auth: Authentication, origin: Origin, event: EventType, status: str, user: User | None, **details: str) -> None:
    """One audit event; of an unknown address nothing is kept, since people type passwords into the wrong field."""
    audit.record(
        auth.audit,
        auth.clock,
        event_type=event,
        user_id=user.id if user is not None else "",
        email=user.email if user is not None else "",
        project_id=user.project_id if user is not None else auth.project_id,
        component=COMPONENT,
        status=status,
        correlation_id=origin.correlation_id,
        ip_address=origin.ip_address,
        **details,
    )
