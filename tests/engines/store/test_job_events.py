"""Events of jobs: whoever reads on behind the last number that was seen misses none; and what is forgotten."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from msgspec.structs import replace as with_fields

from app.adapters.store.database import Database
from app.adapters.store.jobs import StoredJobs
from app.model.ids import new_id
from app.model.jobs import EventKind, Job, JobEvent, JobKind
from app.ports.jobs import REMEMBERED

LATE = '{"line":"late"}'
COMMITS_LATE = f"""
CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON jobs.events DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.data = '{LATE}') EXECUTE FUNCTION wait_for_test()
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def job_of(project_id: str) -> Job:
    now = dt.datetime.now(dt.UTC)
    return Job(new_id("job"), project_id, JobKind.SYNC, "{}", "admin", "usr_ana", now, now)


@pytest.fixture
def jobs(database: Database) -> StoredJobs:
    return StoredJobs(database)


def test_an_event_that_is_numbered_first_and_committed_last_is_not_missed(jobs: StoredJobs, store_url: str) -> None:
    job = job_of(new_id("prj"))
    jobs.add(job)
    seen, after = [], jobs.newest_event(job.project_id)

    def tell(data: str) -> None:
        jobs.tell(JobEvent(job.id, job.project_id, job.created_at, EventKind.LINE, data))

    def read() -> None:
        nonlocal after
        for event in jobs.events(job.project_id, "", after, 10):
            seen.append(event.data)
            after = event.seq

    with psycopg.connect(store_url, autocommit=True) as connection, ThreadPoolExecutor() as pool:
        connection.execute(COMMITS_LATE)
        connection.execute("SELECT pg_advisory_lock(42)")
        late = pool.submit(tell, LATE)
        until(lambda: connection.execute(WAITING).fetchone() == (1,))
        quick = pool.submit(tell, '{"line":"quick"}')
        until(lambda: quick.done() or connection.execute(WAITING).fetchone() == (2,))
        read()
        connection.execute("SELECT pg_advisory_unlock(42)")
        for told in (late, quick):
            told.result(timeout=30)
        read()
        connection.execute("DROP TRIGGER late ON jobs.events")
    assert seen == [LATE, '{"line":"quick"}']


def test_the_newest_event_is_that_of_the_project(jobs: StoredJobs) -> None:
    mine, other = job_of(new_id("prj")), job_of(new_id("prj"))
    assert jobs.newest_event(mine.project_id) == 0
    jobs.add(mine)
    jobs.add(other)
    assert jobs.newest_event(mine.project_id) < jobs.newest_event(other.project_id)
    assert jobs.events(mine.project_id, "", jobs.newest_event(mine.project_id), 10) == []


def test_what_was_wanted_once_is_forgotten_after_its_time(jobs: StoredJobs) -> None:
    job = job_of(new_id("prj"))
    for digest, age in (("old", REMEMBERED + dt.timedelta(days=1)), ("kept", REMEMBERED - dt.timedelta(days=1))):
        assert jobs.add(with_fields(job, id=new_id("job"), created_at=job.created_at - age), once=digest)
        assert jobs.taken(job.project_id, digest)
    assert jobs.add(job)
    assert [jobs.taken(job.project_id, digest) for digest in ("old", "kept")] == [False, True]
    assert not jobs.taken(new_id("prj"), "kept")
