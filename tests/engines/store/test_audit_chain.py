"""The chain of the audit trail in the store: gapless whoever writes, and read back as it was signed."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Event
from pathlib import Path

import psycopg
import pytest

from app.adapters.audit_checkpoints import CheckpointFile
from app.adapters.store.audit import StoredAudit
from app.adapters.store.audit_trail import StoredAuditTrail
from app.adapters.store.database import Database
from app.errors import InternalError
from app.model.audit.chain import GENESIS, AuditRecord, Key, Keys, intact
from app.model.audit.event import AuditEvent
from app.model.ids import new_id
from app.ports.audit import AuditFilter

NOW = dt.datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=dt.UTC)
KEYS = Keys(Key(b"k" * 32))


def event(project_id: str, details: str = '{"rows":3}', **more: object) -> AuditEvent:
    given = {"at": NOW, "event_type": "query.execute", "user_id": "u", "component": "pipeline", "status": "begin", **more}
    return AuditEvent(id=new_id("aud"), project_id=project_id, details=details, **given)


def sink(database: Database, folder: Path) -> StoredAudit:
    return StoredAudit(database, KEYS, CheckpointFile(folder / "audit.log", KEYS))


def whole(database: Database, project_id: str) -> list[AuditRecord]:
    """The project's chain, which has no gap and no flaw."""
    records = list(StoredAuditTrail(database).chain(project_id, 1, 1_000_000))
    assert [record.sequence for record in records] == list(range(1, len(records) + 1))
    assert [record.previous_hash for record in records] == [GENESIS, *(record.hash for record in records[:-1])][: len(records)]
    assert all(intact(record, KEYS) for record in records)
    return records


def test_a_record_comes_back_as_it_was_signed(database: Database, tmp_path: Path) -> None:
    project, audit = new_id("prj"), sink(database, tmp_path)
    texts = {"user_id": "a\x00b", "correlation_id": "é\ud800🙂", "email": "a***@example.com"}
    audit.record(event(project, '{"reason":"\\u0000 \\"x\\" é","yes":true, "rows":9007199254740991,"some":["a","b"]}', **texts))
    audit.record(event(project, at=NOW.astimezone(dt.timezone(dt.timedelta(hours=5)))))
    first, second = whole(database, project)
    assert (first.user_id, first.correlation_id, first.at) == ("a\ufffdb", "é\ufffd🙂", NOW)
    assert second.at == NOW


def test_threads_share_one_chain(database: Database, tmp_path: Path) -> None:
    project, other, audit = new_id("prj"), new_id("prj"), sink(database, tmp_path)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: audit.record(event(other if number % 3 == 0 else project)), range(300)))
    assert (len(whole(database, project)), len(whole(database, other))) == (200, 100)


def test_what_the_store_refuses_fails_alone(database: Database, tmp_path: Path) -> None:
    project, audit = new_id("prj"), sink(database, tmp_path)
    twice = event(project)
    audit.record(twice)

    def outcome(one: AuditEvent) -> str:
        try:
            audit.record(one)
        except InternalError as error:
            return error.problem.code
        return ""

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(outcome, [twice if number % 5 == 0 else event(project) for number in range(40)]))
    assert outcomes == ["DM8010" if number % 5 == 0 else "" for number in range(40)]
    assert len(whole(database, project)) == 33


def _write(url: str, project_id: str, folder: str, go: Event, wrote: object) -> None:
    audit = sink(Database(url), Path(folder))
    go.wait()
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda _number: audit.record(event(project_id)), range(10_000)):
            with wrote.get_lock():  # type: ignore[attr-defined]
                wrote.value += 1  # type: ignore[attr-defined]


def test_processes_that_are_killed_leave_no_gap_and_lose_nothing(database: Database, store_url: str, tmp_path: Path) -> None:
    project, context = new_id("prj"), multiprocessing.get_context("spawn")
    go, told = context.Event(), [context.Value("i", 0) for _ in range(3)]
    processes = [context.Process(target=_write, args=(store_url, project, str(tmp_path), go, wrote)) for wrote in told]
    for process in processes:
        process.start()
    go.set()
    end = time.monotonic() + 60
    while not all(wrote.value > 50 for wrote in told):
        assert time.monotonic() < end
        time.sleep(0.01)
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    audit = sink(database, tmp_path)
    audit.record(event(project))
    assert len(whole(database, project)) > sum(wrote.value for wrote in told)


def test_a_writer_that_rolls_back_leaves_no_gap(database: Database, store_url: str, tmp_path: Path) -> None:
    project, audit = new_id("prj"), sink(database, tmp_path)
    audit.record(event(project))
    with psycopg.connect(store_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"audit\x1f{project}"])
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(audit.record, event(project))
            time.sleep(0.1)
            assert not waiting.done()  # another writer has the chain
            connection.rollback()
            waiting.result(timeout=10)
    assert len(whole(database, project)) == 2


def test_records_are_found_by_what_is_asked(database: Database, tmp_path: Path) -> None:
    project, audit, trail = new_id("prj"), sink(database, tmp_path), StoredAuditTrail(database)
    query = new_id("qry")
    spoof = '{"query_id":"","reason":"\\",\\"query_id\\":\\"' + query + '\\""}'
    given = [
        event(project, f'{{"door":"rest","query_id":"{query}"}}', at=NOW, correlation_id="cor_1"),
        event(project, spoof, at=NOW + dt.timedelta(hours=1), correlation_id="cor_2", email="a***@x.org"),
        event(new_id("prj"), f'{{"query_id":"{query}"}}'),
    ]
    for one in given:
        audit.record(one)

    def ids(**wanted: object) -> list[str]:
        return [record.id for record in trail.page(project, AuditFilter(**wanted), 0, 10)]

    first, second = given[0].id, given[1].id
    assert ids() == [second, first]
    assert ids(query_id=query) == [first]
    assert ids(correlation_id="cor_2") == [second]
    assert ids(since=NOW + dt.timedelta(minutes=1)) == [second]
    assert ids(until=NOW + dt.timedelta(minutes=1)) == [first]
    assert ids(user_id="nobody") == ids(event_type="x") == ids(status="x") == ids(component="x") == []
    assert ids(user_id="u", event_type="query.execute", status="begin", component="pipeline") == [second, first]
    newest = trail.page(project, AuditFilter(), 0, 1)[0]
    assert [record.id for record in trail.page(project, AuditFilter(), newest.seq, 10)] == [first]


@pytest.mark.parametrize("details", ['{"x":1.5}', '{"x":9007199254740992}', "no json", '{"é":1}'])
def test_what_has_no_canonical_form_is_not_kept(database: Database, tmp_path: Path, details: str) -> None:
    project = new_id("prj")
    with pytest.raises(InternalError) as caught:
        sink(database, tmp_path).record(event(project, details))
    assert caught.value.problem.code == "DM8010"
    assert whole(database, project) == []


def test_a_caller_that_is_interrupted_leaves_nobody_waiting(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, audit = new_id("prj"), sink(database, tmp_path)
    commit, interrupted = StoredAudit._commit, threading.Event()

    def once(self: StoredAudit, events: Sequence[AuditEvent]) -> object:
        if not interrupted.is_set():
            interrupted.set()
            time.sleep(0.2)  # the others come meanwhile
            raise KeyboardInterrupt
        return commit(self, events)

    monkeypatch.setattr(StoredAudit, "_commit", once)

    def outcome(_number: int) -> str:
        try:
            audit.record(event(project))
        except (InternalError, KeyboardInterrupt) as error:
            return type(error).__name__
        return ""

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(outcome, range(8)))
    assert outcomes.count("KeyboardInterrupt") == 1
    assert len(whole(database, project)) == outcomes.count("")
