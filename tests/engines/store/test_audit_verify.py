"""What somebody does to the audit trail who owns the store's database, and what `verify` finds of it."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from app.adapters.audit_checkpoints import CheckpointFile
from app.adapters.store.audit import StoredAudit
from app.adapters.store.audit_trail import StoredAuditTrail
from app.adapters.store.database import Database
from app.errors import UserError
from app.model.audit.chain import Key, Keys, checkpoint
from app.model.audit.event import AuditEvent
from app.model.ids import new_id
from app.service.audit_verify import MOST_FAULTS, TrailDeps, Verified, verify

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
KEY, OLD, THIEF = Key(b"k" * 32), Key(b"o" * 32), Key(b"t" * 32)
COLUMNS = "event_type, status, details, email, hash, previous_hash, hmac, key_id, at, user_id, id"


@dataclass
class Trail:
    """A project's audit trail of ten records, with a checkpoint of the last."""

    database: Database
    url: str
    path: Path
    project_id: str
    keys: Keys

    def write(self, count: int, keys: Keys | None = None, *, close: bool = True) -> StoredAudit:
        """So many more records, a minute apart."""
        used = keys or self.keys
        audit = StoredAudit(self.database, used, CheckpointFile(self.path, used))
        held = len(StoredAuditTrail(self.database).chain(self.project_id, 1, 1_000_000))
        for number in range(held, held + count):
            at = NOW + dt.timedelta(minutes=number)
            audit.record(
                AuditEvent(new_id("aud"), self.project_id, at, "query.execute", f"usr_{number}", "pipeline", "begin", details='{"rows":3}')
            )
        if close:
            audit.close()
        return audit

    def tamper(self, *statements: str) -> None:
        """As the database's owner, who can put the trigger out of the way; `:p` is the project."""
        with psycopg.connect(self.url) as connection:
            connection.execute("ALTER TABLE audit.audit_log DISABLE TRIGGER audit_log_append_only")
            for statement in statements:
                assert connection.execute(statement.replace(":p", f"'{self.project_id}'")).rowcount, statement  # type: ignore[arg-type]
            connection.execute("ALTER TABLE audit.audit_log ENABLE TRIGGER audit_log_append_only")

    def verify(self, since: str = "", keys: Keys | None = None) -> Verified:
        used = keys or self.keys
        deps = TrailDeps(StoredAuditTrail(self.database), CheckpointFile(self.path, used), used)
        return verify(deps, self.project_id, since)

    def found(self, since: str = "", keys: Keys | None = None) -> list[tuple[int, str]]:
        return [(fault.sequence, fault.reason) for fault in self.verify(since, keys).faults]


@pytest.fixture
def trail(database: Database, store_url: str, tmp_path: Path) -> Trail:
    made = Trail(database, store_url, tmp_path / "logs" / "audit.log", new_id("prj"), Keys(KEY))
    made.write(10)
    return made


def test_a_trail_that_nobody_touched_is_whole(trail: Trail) -> None:
    outcome = trail.verify()
    assert outcome.whole
    assert (outcome.records, outcome.first, outcome.last, outcome.checkpoints, outcome.last_checkpoint, outcome.unproven) == (
        10,
        1,
        10,
        1,
        10,
        0,
    )
    assert [(one.key_id, one.first, one.last) for one in outcome.keys] == [(KEY.id, 1, 10)]


@pytest.mark.parametrize(
    "change",
    [
        "event_type = 'query.generate'",
        "status = 'succeeded'",
        "user_id = 'usr_other'",
        "email = 'b***@example.com'",
        "component = 'x'",
        "correlation_id = 'x'",
        "ip_address = '10.0.0.1'",
        "layer_version = 'x'",
        "policy_fingerprint = 'x'",
        "at = at + interval '1 microsecond'",
        "id = 'aud_x'",
        "details = '{\"rows\":4}'",
        "details = '{\"rows\": 3}'",
        'details = \'{"rows":4,"rows":3}\'',
        "details = 'no json'",
        "details = '{\"rows\":3.0}'",
        "hmac = reverse(hmac)",
        "hmac = ''",
    ],
)
def test_an_altered_record_is_named(trail: Trail, change: str) -> None:
    trail.tamper(f"UPDATE audit.audit_log SET {change} WHERE project_id = :p AND sequence = 4")
    assert trail.found() == [(4, "altered")]


def test_another_hash_is_found_with_what_follows_it(trail: Trail) -> None:
    trail.tamper("UPDATE audit.audit_log SET hash = reverse(hash) WHERE project_id = :p AND sequence = 4")
    assert trail.found() == [(4, "altered"), (5, "unlinked")]


@pytest.mark.parametrize(
    ("gone", "first"), [("sequence = 4", 4), ("sequence BETWEEN 3 AND 6", 3), ("sequence = 1", 1), ("sequence IN (7, 9)", 7)]
)
def test_a_deleted_record_is_named(trail: Trail, gone: str, first: int) -> None:
    trail.tamper(f"DELETE FROM audit.audit_log WHERE project_id = :p AND {gone}")
    outcome = trail.found()
    assert outcome[0] == (first, "missing")
    assert {reason for _, reason in outcome} == {"missing"}


def test_a_gap_that_was_closed_is_found(trail: Trail) -> None:
    trail.tamper(
        "DELETE FROM audit.audit_log WHERE project_id = :p AND sequence = 4",
        *(f"UPDATE audit.audit_log SET sequence = {n - 1} WHERE project_id = :p AND sequence = {n}" for n in range(5, 11)),
    )
    assert trail.found()[0] == (4, "unlinked")
    assert (4, "altered") in trail.found()


def test_records_that_changed_places_are_found(trail: Trail) -> None:
    trail.tamper(
        "UPDATE audit.audit_log SET sequence = 1000 WHERE project_id = :p AND sequence = 4",
        "UPDATE audit.audit_log SET sequence = 4 WHERE project_id = :p AND sequence = 5",
        "UPDATE audit.audit_log SET sequence = 5 WHERE project_id = :p AND sequence = 1000",
    )
    assert trail.found()[0][0] == 4


def test_a_record_of_another_project_does_not_fit(trail: Trail, database: Database, tmp_path: Path) -> None:
    other = Trail(database, trail.url, tmp_path / "other.log", new_id("prj"), trail.keys)
    other.write(10)
    trail.tamper(
        "DELETE FROM audit.audit_log WHERE project_id = :p AND sequence = 4",
        f"UPDATE audit.audit_log SET project_id = :p WHERE project_id = '{other.project_id}' AND sequence = 4",
    )
    assert trail.found()[:2] == [(4, "unlinked"), (4, "altered")]
    assert other.found() == [(4, "missing")]


@pytest.mark.parametrize("left", [9, 4, 0])
def test_a_cut_at_the_end_is_told_by_the_checkpoint(trail: Trail, left: int) -> None:
    trail.tamper(f"DELETE FROM audit.audit_log WHERE project_id = :p AND sequence > {left}")
    assert trail.found() == [(left + 1, "cut")]


def test_a_cut_that_was_written_over_is_told_by_the_checkpoint(trail: Trail) -> None:
    trail.tamper("DELETE FROM audit.audit_log WHERE project_id = :p AND sequence > 7")
    trail.write(5)  # a gateway that knows nothing of it
    assert trail.found() == [(10, "replaced")]


def test_records_that_were_taken_out_of_the_chain_are_missing(trail: Trail) -> None:
    trail.tamper("UPDATE audit.audit_log SET sequence = NULL WHERE project_id = :p AND sequence = 4")
    outcome = trail.verify()
    assert [(fault.sequence, fault.reason) for fault in outcome.faults] == [(4, "missing")]
    assert outcome.unchained == 1


def test_what_follows_the_last_checkpoint_is_said_to_be_unproven(trail: Trail) -> None:
    trail.write(3, close=False)
    outcome = trail.verify()
    assert outcome.whole
    assert (outcome.last, outcome.last_checkpoint, outcome.unproven) == (13, 10, 3)
    trail.tamper("DELETE FROM audit.audit_log WHERE project_id = :p AND sequence > 10")
    assert trail.verify().whole  # the stated bound


def test_a_trail_without_checkpoints_is_not_called_whole(trail: Trail) -> None:
    trail.path.unlink()
    assert trail.found() == [(0, "no_checkpoint")]


def test_checkpoints_of_somebody_else_are_found(trail: Trail) -> None:
    head = StoredAuditTrail(trail.database).chain(trail.project_id, 10, 1)[0]
    forged = checkpoint(head, NOW, Keys(THIEF))
    lines = trail.path.read_text().splitlines()
    trail.path.write_text(
        "\n".join([*lines, forged.canonical().decode(), lines[0].replace('"sequence":10', '"sequence":11'), "no json"]) + "\n"
    )
    outcome = trail.verify()
    assert [(fault.sequence, fault.reason) for fault in outcome.faults] == [(10, "checkpoint"), (11, "checkpoint"), (0, "checkpoint")]
    assert THIEF.id in outcome.faults[0].message
    assert "line 4" in outcome.faults[2].message


def test_a_chain_that_was_signed_anew_with_another_key_is_found(trail: Trail, database: Database) -> None:
    trail.tamper("DELETE FROM audit.audit_log WHERE project_id = :p")
    path, trail.path = trail.path, trail.path.with_name("thief.log")
    trail.write(10, Keys(THIEF))
    trail.path = path
    outcome = trail.verify()
    assert {fault.reason for fault in outcome.faults} == {"unknown_key", "replaced"}
    assert outcome.faults[0].sequence == 1


def test_a_key_is_rotated(trail: Trail) -> None:
    new = Key(b"n" * 32)
    trail.write(5, Keys(new, [KEY]))
    outcome = trail.verify(keys=Keys(new, [OLD, KEY]))
    assert outcome.whole
    assert [(one.key_id, one.first, one.last) for one in outcome.keys] == [(KEY.id, 1, 10), (new.id, 11, 15)]
    assert trail.found(keys=Keys(new))[0] == (1, "unknown_key")


def test_it_begins_where_it_is_told_to(trail: Trail) -> None:
    outcome = trail.verify("7")
    assert (outcome.first, outcome.last, outcome.records, outcome.whole) == (7, 10, 4, True)
    assert trail.verify((NOW + dt.timedelta(minutes=4)).isoformat()).first == 5
    assert trail.verify("2026-11-21T10:04:00").first == 5
    trail.tamper("UPDATE audit.audit_log SET status = 'x' WHERE project_id = :p AND sequence = 6")
    assert trail.found("7") == []
    assert trail.found("6") == [(6, "altered")]
    trail.tamper("DELETE FROM audit.audit_log WHERE project_id = :p AND sequence = 7")
    assert trail.found("7") == [(7, "missing")]
    for wrong in ("yesterday", "-1", "0"):
        with pytest.raises(UserError) as caught:
            trail.verify(wrong)
        assert caught.value.problem.code == "DM8083"


def test_records_older_than_the_chain_are_told(trail: Trail) -> None:
    with psycopg.connect(trail.url) as connection:
        connection.execute(
            "INSERT INTO audit.audit_log (id, project_id, at, event_type, user_id, component, status, correlation_id, ip_address, layer_version,"
            " policy_fingerprint, details) VALUES (%s, %s, %s, 'query.execute', 'u', 'pipeline', 'begin', '', '', '', '', '{\"rows\":1.5}')",
            (new_id("aud"), trail.project_id, NOW - dt.timedelta(days=1)),
        )
    outcome = trail.verify()
    assert (outcome.whole, outcome.unchained, outcome.unchained_until) == (True, 1, NOW - dt.timedelta(days=1))


def test_of_many_faults_the_first_are_told_with_their_number(trail: Trail) -> None:
    trail.write(40)
    trail.tamper("UPDATE audit.audit_log SET status = 'x' WHERE project_id = :p")
    outcome = trail.verify()
    assert (outcome.faults_found, [fault.sequence for fault in outcome.faults]) == (50, list(range(1, MOST_FAULTS + 1)))


def test_memory_does_not_grow_with_the_trail(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.audit_verify.PAGE", 50)

    def peak(check: Callable[[], Verified]) -> int:
        tracemalloc.start()
        assert check().whole
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    trail.write(100)
    peak(trail.verify)
    small = peak(trail.verify)
    trail.write(1500)
    assert peak(trail.verify) < 2 * small


def test_checkpoints_say_what_they_should(trail: Trail) -> None:
    body = json.loads(trail.path.read_text())
    assert (body["project_id"], body["sequence"], body["key_id"]) == (trail.project_id, 10, KEY.id)
    assert set(body) == {"project_id", "sequence", "hash", "timestamp", "key_id", "hmac"}
    assert trail.path.stat().st_mode & 0o777 == 0o600
