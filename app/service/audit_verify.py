"""Whether the audit trail is whole: each record as it was signed, none missing, none moved, and all that a checkpoint has seen still there."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

import msgspec

from app.errors import Problem, UserError
from app.model.audit.chain import GENESIS, AuditRecord, Checkpoint, Keys, intact, timestamp
from app.model.base import Node
from app.ports import AuditTrail, Checkpoints

PAGE = 2_000
"""Records read at a time: memory does not grow with the trail."""
MOST_FAULTS = 20

Reason = Literal["altered", "missing", "unlinked", "unknown_key", "cut", "replaced", "no_checkpoint", "checkpoint"]


@dataclass(frozen=True, slots=True)
class TrailDeps:
    """The ports that reading and verifying the trail needs."""

    trail: AuditTrail
    checkpoints: Checkpoints
    keys: Keys


class Fault(Node, frozen=True, omit_defaults=False):
    """Something that is wrong with the trail, at the record of that number (0: at none of them)."""

    sequence: int
    reason: Reason
    message: str


class Signed(Node, frozen=True, omit_defaults=False):
    """The numbers of the first and the last record that a key signed."""

    key_id: str
    first: int
    last: int


class Verified(Node, frozen=True, omit_defaults=False):
    """What was found: `records` were read, numbered `first` to `last`. `faults` are the first of `faults_found`, by number. `unproven` records follow the last
    checkpoint: if they were cut off, nothing here would show it. `unchained` records are older than the chain."""

    project_id: str
    records: int
    first: int
    last: int
    faults: tuple[Fault, ...]
    faults_found: int
    keys: tuple[Signed, ...]
    checkpoints: int
    last_checkpoint: int
    last_checkpoint_at: str
    unproven: int
    unchained: int
    unchained_until: dt.datetime | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults_found


Tell = Callable[[int], None]
"""Told how many records were read."""


@dataclass(slots=True)
class _Found:
    """What was found so far."""

    faults: list[Fault] = field(default_factory=list)
    count: int = 0
    records: int = 0
    first: int = 0
    last: int = 0
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    checkpoints: int = 0
    newest: Checkpoint | None = None

    def wrong(self, sequence: int, reason: Reason, message: str) -> None:
        self.count += 1
        self.faults.append(Fault(sequence, reason, message))
        self.faults.sort(key=lambda fault: fault.sequence or math.inf)
        del self.faults[MOST_FAULTS:]


def verify(deps: TrailDeps, project_id: str, since: str = "", tell: Tell = lambda _count: None) -> Verified:
    """Read the project's chain from its first record, or from the number or moment `since` on, and hold it against itself and its checkpoints.

    Nothing is written. Raises UserError DM8083 where `since` is neither, DM8082 where checkpoints can't be read, and what the store raises.
    """
    start = _start(deps, project_id, since)
    found = _Found()
    _read_chain(deps, project_id, start, found, tell)
    _read_checkpoints(deps, project_id, start, found)
    unchained, until = deps.trail.unchained(project_id)
    newest = found.newest
    return Verified(
        project_id,
        found.records,
        found.first,
        found.last,
        tuple(found.faults),
        found.count,
        tuple(Signed(key_id, *span) for key_id, span in found.keys.items()),
        found.checkpoints,
        newest.sequence if newest is not None else 0,
        newest.timestamp if newest is not None else "",
        max(0, found.last - (newest.sequence if newest is not None else 0)) if found.records else 0,
        unchained,
        until,
    )


def moment_of(text: str) -> dt.datetime:
    """The moment that a text in ISO form means, in UTC where it names no zone. Raises UserError DM8083."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        hint = "for example 2026-11-21 or 2026-11-21T10:00:00Z; `verify --since` takes a record's number too"
        raise UserError(Problem("DM8083", f"`{text[:40]}` is no moment", hint=hint)) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


def verified_body(found: Verified) -> dict[str, Any]:
    """What was found, for programs."""
    return {"whole": found.whole, **msgspec.structs.asdict(found)}


def _start(deps: TrailDeps, project_id: str, since: str) -> int:
    """The number of the record to begin with."""
    if not since:
        return 1
    if since.isdecimal() and len(since) < 19 and int(since) > 0:
        return int(since)
    return deps.trail.first_since(project_id, moment_of(since)) or 1


def _records(deps: TrailDeps, project_id: str, start: int) -> Iterator[AuditRecord]:
    first = start
    while page := deps.trail.chain(project_id, first, PAGE):
        yield from page
        first = (page[-1].sequence or 0) + 1


def _read_chain(deps: TrailDeps, project_id: str, start: int, found: _Found, tell: Tell) -> None:
    """Each record by itself and after the one before it."""
    expected, before = start, GENESIS if start == 1 else deps.trail.numbered(project_id, [start - 1]).get(start - 1, "")
    for record in _records(deps, project_id, start):
        number = record.sequence or 0
        if number != expected:
            several = f"records {expected} to {number - 1} are" if number - expected > 1 else f"record {expected} is"
            found.wrong(expected, "missing", f"{several} missing")
        elif before and record.previous_hash != before:
            found.wrong(number, "unlinked", f"record {number} does not follow the record before it: one of them was replaced or moved")
        if not deps.keys.knows(record.key_id):
            found.wrong(number, "unknown_key", f"record {number} is signed with the key {record.key_id or '?'}, which is not known here")
        elif not intact(record, deps.keys):
            found.wrong(number, "altered", f"record {number} is not what was signed: it was altered")
        expected, before = number + 1, record.hash
        found.first, found.last, found.records = found.first or number, number, found.records + 1
        found.keys[record.key_id] = (found.keys.get(record.key_id, (number, 0))[0], number)
        tell(found.records)


def _read_checkpoints(deps: TrailDeps, project_id: str, start: int, found: _Found) -> None:
    """Each checkpoint, and the record that it saw."""
    gone: Checkpoint | None = None
    marks = deps.checkpoints.read(project_id)
    while some := list(islice(marks, PAGE)):
        good = [one for one in some if not isinstance(one, int) and _is_ours(one, deps.keys, found)]
        for line in (one for one in some if isinstance(one, int)):
            found.wrong(0, "checkpoint", f"line {line} of the checkpoints can't be read")
        kept = deps.trail.numbered(project_id, [one.sequence for one in good])
        for one in good:
            found.checkpoints += 1
            if found.newest is None or one.sequence > found.newest.sequence:
                found.newest = one
            if one.sequence < start:
                continue
            if one.sequence not in kept:
                gone = one
            elif kept[one.sequence] != one.hash:
                found.wrong(one.sequence, "replaced", f"record {one.sequence} is another than the checkpoint of {one.timestamp} saw")
    last = max(found.last, start - 1)
    if gone is not None and gone.sequence > last:  # one before that is missing in the chain, and told already
        found.wrong(
            last + 1, "cut", f"the end is cut off after record {last}: the checkpoint of {gone.timestamp} saw record {gone.sequence}"
        )
    if found.newest is None and found.records:
        found.wrong(0, "no_checkpoint", "there is no checkpoint of this trail: whether it was cut off at its end can't be told")


def _is_ours(one: Checkpoint, keys: Keys, found: _Found) -> bool:
    if keys.signed(one.key_id, one.content(), one.hmac):
        return True
    known = "" if keys.knows(one.key_id) else f": its key {one.key_id} is not known here"
    found.wrong(one.sequence, "checkpoint", f"the checkpoint of record {one.sequence} is not signed by us{known}")
    return False


def told(found: Verified) -> list[str]:
    """What was found, in sentences."""
    lines = [f"{found.records:,} records ({found.first} to {found.last}) read" if found.records else "no records to read"]
    if found.checkpoints:
        lines.append(f"{found.checkpoints:,} checkpoints, the last of record {found.last_checkpoint} at {found.last_checkpoint_at}")
    if found.unproven and found.checkpoints:
        lines.append(f"{found.unproven:,} records follow it: if they were cut off, only the next checkpoint would show it")
    if found.unchained and found.unchained_until is not None:
        lines.append(
            f"{found.unchained:,} records until {timestamp(found.unchained_until)} are older than the chain, and not protected by it"
        )
    return lines
