"""The audit trail, and the second place where it leaves checkpoints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.model.audit.chain import AuditRecord, Checkpoint
from app.model.audit.event import AuditEvent
from app.ports.engines import Health


class AuditSink(Protocol):
    """Where audit events go. It fails closed: what cannot be recorded does not happen."""

    def record(self, event: AuditEvent) -> None:
        """Keep the event durably, as the next of its project's chain, before returning. Raises InternalError DM8010 where it cannot."""

    def health(self) -> Health:
        """Whether checkpoints reach their second place; never raises."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which events are wanted: `since` is the first moment, `until` the first that is not; "" leaves a field open."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    user_id: str = ""
    event_type: str = ""
    status: str = ""
    component: str = ""
    correlation_id: str = ""
    query_id: str = ""

    def given(self) -> list[str]:
        """The names of the fields that are not open."""
        return [name for name in self.__slots__ if getattr(self, name)]


class AuditTrail(Protocol):
    """The trail to read."""

    def page(self, project_id: str, wanted: AuditFilter, before: int, limit: int) -> Sequence[AuditRecord]:
        """At most `limit` records, newest first, those with `seq` below `before` (0: from the newest on); records older than the chain too."""

    def chain(self, project_id: str, first: int, limit: int) -> Sequence[AuditRecord]:
        """At most `limit` records of the chain from the number `first` on, in order."""

    def numbered(self, project_id: str, sequences: Sequence[int]) -> Mapping[int, str]:
        """The hashes of the records of these numbers; those that are not there are left out."""

    def first_since(self, project_id: str, moment: dt.datetime) -> int:
        """The smallest number of a record of that moment or later; 0 where there is none."""

    def naming(self, project_id: str, user_id: str) -> Iterator[AuditRecord]:
        """The records that are the user's or name the user in their details, newest first, older than the chain too."""

    def unchained(self, project_id: str) -> tuple[int, dt.datetime | None]:
        """How many records are older than the chain, and when the newest of them was made."""


class Checkpoints(Protocol):
    """The second place, to read."""

    def read(self, project_id: str) -> Iterator[Checkpoint | int]:
        """The project's checkpoints in the order in which they were written; the number of a line that can't be read in its place.

        Raises UserError DM8082 where the file can't be opened though it is there. Nothing where there is no file.
        """
