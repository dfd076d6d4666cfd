"""The Protocols that adapters fill. Code asks a port for a capability, never for its name."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.model.ontology import Layer
from app.model.records import AuditEvent, FeedbackEntry, Publication, QueryRecord, RefreshToken, TrainingItem, User
from app.model.result import Result
from app.model.sql import GovernedSql
from app.model.token import Claims, TokenKind
from app.model.types import Dialect


class Cancel:
    """A handle with which the edge stops a turn: thread-safe; callbacks run once, at once where it is already cancelled."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Stop the turn: every registered callback is called once."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when cancelled; returns a function that takes it back."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None
        callback()
        return lambda: None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, as measured or documented. `columnar` engines are preferred for scans over many rows."""

    exact_percentile: bool
    approximate_percentile: bool
    columnar: bool
    cancels_running: bool


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a part answers, how fast (milliseconds), and in a few words why not."""

    up: bool
    ms: float = 0.0
    detail: str = ""


class Engine(Protocol):
    """A warehouse engine. It executes GovernedSql and nothing else."""

    @property
    def name(self) -> str:
        """The name by which placements and `source` mean it: `postgres` or `clickhouse`."""

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def execute(self, governed: GovernedSql, cancel: Cancel) -> Result:
        """Run it read-only within its limits. Raises UserError (DM5xxx: timeout, limits, engine down) or InternalError; never a driver's exception."""

    def health(self) -> Health:
        """Ask whether it answers; never raises."""

    def close(self) -> None:
        """Give back its connections."""


class Clock(Protocol):
    """The only place that knows the time."""

    def now(self) -> dt.datetime:
        """The current time, aware, in UTC."""


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

    def stands(self, family: str) -> bool:
        """Whether the sign-in still holds: it has a token that was not revoked."""


class Queries(Protocol):
    """The log of turns."""

    def add(self, record: QueryRecord) -> None:
        """Keep a turn, or replace the one of the same id."""

    def get(self, query_id: str, project_id: str) -> QueryRecord | None:
        """The turn of that id, or None."""

    def page(self, project_id: str, user_id: str, before: str, limit: int) -> Sequence[QueryRecord]:
        """At most `limit` turns, newest first, before the id `before` ("" for the newest); `user_id` "" means everybody's."""


class Layers(Protocol):
    """Published layers."""

    def publish(self, layer: Layer, publication: Publication) -> bool:
        """Store the layer and make it the project's current one, in one transaction; False where it was already current (nothing is written)."""

    def current(self, project_id: str) -> Publication | None:
        """The newest publication, or None."""

    def load(self, document_hash: str) -> Layer | None:
        """The layer document of that hash, or None."""

    def health(self) -> Health:
        """Ask whether the store answers; never raises."""


class Training(Protocol):
    """Training items of the published layer."""

    def replace_all(self, project_id: str, items: Sequence[TrainingItem]) -> None:
        """Make these, and only these, the project's compiled items, atomically."""

    def all(self, project_id: str) -> Sequence[TrainingItem]:
        """The project's items, ids ascending."""


class Feedback(Protocol):
    """What people said of answers."""

    def add(self, entry: FeedbackEntry) -> None:
        """Keep an entry."""

    def page(self, project_id: str, status: str, before: str, limit: int) -> Sequence[FeedbackEntry]:
        """At most `limit` entries, newest first; `status` "" means every one."""


class AuditSink(Protocol):
    """Where audit events go. It fails closed: what cannot be recorded does not happen."""

    def record(self, event: AuditEvent) -> None:
        """Keep the event durably before returning. Raises InternalError DM8010 where it cannot."""


class Bus(Protocol):
    """Tells other processes that something happened; losing a message is allowed, since listeners also poll."""

    def publish(self, channel: str, message: str) -> None:
        """Send; never raises."""

    def health(self) -> Health:
        """Ask whether it answers; never raises."""


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
