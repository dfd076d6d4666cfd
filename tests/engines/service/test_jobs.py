"""Jobs: tried again, given up, replayed, never run by two at once, never lost."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from app.errors import InternalError, Problem, UserError
from app.model.ids import new_id
from app.model.jobs import EventKind, Job, JobKind, JobState
from app.service import jobs
from app.service.deps import Deps
from app.service.publishing import Doer
from app.service.scheduled import sync_scheduled
from app.service.sync_job import run_sync
from tests.engines.service.conftest import Trail
from tests.engines.service.place import Place


@dataclass
class Sent:
    """A queue that remembers what it was given, and answers or does not."""

    up: bool = True
    sent: list[tuple[str, float]] = field(default_factory=list)

    def send(self, job_id: str, *, seconds: float = 0.0) -> bool:
        self.sent.append((job_id, seconds))
        return self.up


@dataclass
class Hands:
    """The clock, the queue, and a worker's way to run a job."""

    deps: Deps
    queue: Sent
    clock: Ahead

    def request(self, **arguments: Any) -> Job:
        job = jobs.request(self.deps, JobKind.SYNC, arguments, trigger="admin", by="usr_ana")
        assert job is not None
        return job

    def run(self, job: Job, handler: Callable[[], Mapping[str, Any]]) -> Job:
        jobs.run(self.deps, job.id, {JobKind.SYNC: lambda _deps, _job, _tell: handler()})
        return jobs.find(self.deps, job.id)

    def told(self, job: Job) -> list[dict[str, Any]]:
        return [{"kind": str(event.kind), "data": event.data} for event in jobs.events_after(self.deps, job.id, 0)[0]]


@dataclass
class Ahead:
    ahead: dt.timedelta = dt.timedelta()

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead


@pytest.fixture
def hands(place: Place) -> Iterator[Hands]:
    queue, clock = Sent(), Ahead()
    return Hands(replace(place.deps, queue=queue, clock=clock), queue, clock)


def fail(error: Exception) -> Callable[[], Mapping[str, Any]]:
    def handler() -> Mapping[str, Any]:
        raise error

    return handler


STORE_DOWN = InternalError(Problem("DM8011", "the store does not answer"))


def test_a_job_runs_once_however_often_its_message_comes(hands: Hands) -> None:
    ran = []
    job = hands.request()
    assert hands.queue.sent == [(job.id, 0.0)]
    for _ in range(3):
        done = hands.run(job, lambda: {"n": len(ran)} if ran.append(1) is None else {})
    assert (ran, done.state, done.result, done.attempts) == ([1], JobState.SUCCEEDED, '{"n":1}', 1)
    assert done.finished_at >= done.started_at >= done.created_at
    assert [event["data"] for event in hands.told(job)] == [
        '{"state":"queued","attempt":0}', '{"state":"running","attempt":1}', '{"state":"succeeded","attempt":1}',
    ]  # fmt: skip


@pytest.mark.parametrize("error", [STORE_DOWN, OSError("gone"), ValueError("a fault"), UserError(Problem("DM8007", "overtaken"))])
def test_what_may_pass_is_tried_three_times_more_and_then_given_up(hands: Hands, error: Exception) -> None:
    job = hands.request()
    for attempt in (1, 2, 3):
        waits = hands.run(job, fail(error))
        assert (waits.state, waits.attempts) == (JobState.QUEUED, attempt)
    dead = hands.run(job, fail(error))
    assert (dead.state, dead.attempts) == (JobState.DEAD, 4)
    assert [seconds for _, seconds in hands.queue.sent] == [0.0, 2.0, 8.0, 32.0]
    (problem,) = jobs.problems_of(dead)
    assert problem.code == (error.problem.code if hasattr(error, "problem") else "DM9001")
    assert "a fault" not in dead.problems


@pytest.mark.parametrize("code", ["DM8061", "DM8065"])
def test_a_job_whose_turn_it_is_not_yet_waits_without_losing_a_try(hands: Hands, code: str) -> None:
    busy = UserError(Problem(code, "dbt runs on the target `postgres` already"))
    job = hands.request()
    for _ in range(6):
        waits = hands.run(job, fail(busy))
        assert (waits.state, waits.attempts, jobs.problems_of(waits)[0].code) == (JobState.QUEUED, 0, code)
        hands.clock.ahead += dt.timedelta(minutes=2)
    assert [seconds for _, seconds in hands.queue.sent][:3] == [0.0, 5.0, pytest.approx(30, abs=5)]
    assert hands.queue.sent[-1][1] == 60.0
    assert hands.run(job, dict).state is JobState.SUCCEEDED
    other = hands.request()
    hands.clock.ahead += dt.timedelta(hours=13)
    assert hands.run(other, fail(busy)).state is JobState.DEAD


def test_what_the_project_is_at_fault_for_is_not_tried_again(hands: Hands) -> None:
    refused = hands.run(hands.request(), fail(UserError(Problem("DM8003", "it breaks"))))
    assert (refused.state, refused.attempts) == (JobState.REFUSED, 1)
    with pytest.raises(UserError) as raised:
        jobs.raise_for(refused)
    assert raised.value.problem.code == "DM8003"


def test_an_admin_replays_a_dead_job(hands: Hands, trail: Trail) -> None:
    job = hands.request()
    for _ in range(4):
        hands.run(job, fail(STORE_DOWN))
    assert [one.id for one in jobs.list_jobs(hands.deps, states=(JobState.DEAD,))] == [job.id]
    correlation = new_id("cor")
    again = jobs.replay(hands.deps, Doer("usr_admin", correlation), job.id)
    assert (again.state, again.attempts, hands.queue.sent[-1]) == (JobState.QUEUED, 0, (job.id, 0.0))
    assert hands.run(job, dict).state is JobState.SUCCEEDED
    assert [(e["event_type"], e["status"], e["user_id"], e["details"]["job"]) for e in trail(correlation)] == [
        ("job.replay", "begin", "usr_admin", job.id),
        ("job.replay", "succeeded", "usr_admin", job.id),
    ]
    for wrong, code in ((job.id, "DM8031"), (new_id("job"), "DM8030")):
        with pytest.raises(UserError) as raised:
            jobs.replay(hands.deps, Doer("usr_admin"), wrong)
        assert raised.value.problem.code == code


def test_a_job_that_kills_its_worker_each_time_is_given_up(hands: Hands) -> None:
    job = hands.request()

    class Killed(BaseException):
        pass

    for _ in range(4):
        with pytest.raises(Killed):
            hands.run(job, fail(Killed()))
        assert jobs.find(hands.deps, job.id).state is JobState.RUNNING
    dead = hands.run(job, dict)
    assert dead.state is JobState.DEAD
    assert jobs.problems_of(dead)[0].code == "DM8032"


def test_two_workers_never_run_one_job(hands: Hands) -> None:
    job, begun, go, ran = hands.request(), threading.Event(), threading.Event(), []

    def slow() -> Mapping[str, Any]:
        begun.set()
        go.wait(30)
        ran.append(1)
        return {}

    thread = threading.Thread(target=lambda: hands.run(job, slow))
    thread.start()
    assert begun.wait(30)
    assert hands.run(job, lambda: {"no": ran.append(2)}).state is JobState.RUNNING
    assert jobs.send_waiting(hands.deps) == 0
    go.set()
    thread.join()
    assert ran == [1]


def test_a_queue_that_was_away_loses_nothing(hands: Hands) -> None:
    hands.queue.up = False
    job = hands.request()
    assert jobs.find(hands.deps, job.id).state is JobState.QUEUED
    hands.queue.sent.clear()
    assert jobs.send_waiting(hands.deps) == 0
    assert hands.queue.sent == []
    hands.clock.ahead = dt.timedelta(minutes=1)
    hands.queue.up = True
    assert jobs.send_waiting(hands.deps) == 1
    assert hands.queue.sent == [(job.id, 0.0)]


def test_a_job_that_still_waits_is_sent_again_more_and_more_rarely(hands: Hands) -> None:
    job, minutes = hands.request(), []
    before = hands.told(job)
    for half_minute in range(1, 61):
        hands.clock.ahead = dt.timedelta(seconds=30 * half_minute)
        if jobs.send_waiting(hands.deps):
            minutes.append(half_minute / 2)
    assert minutes[0] == 0.5
    assert 6 <= len(minutes) <= 12
    assert max(later - earlier for earlier, later in pairwise(minutes)) <= 6  # five minutes, and until the next look
    assert hands.told(job) == before
    assert hands.run(job, dict).state is JobState.SUCCEEDED


def test_a_worker_that_lost_its_lock_changes_nothing_of_a_later_try(hands: Hands) -> None:
    job = hands.request()

    def overtaken_and_well() -> Mapping[str, Any]:
        lost()
        return {"by": "who lost it"}

    def overtaken_and_failing() -> Mapping[str, Any]:
        lost()
        raise OSError("gone")

    def lost() -> None:
        """Another worker has taken the job over, failed in all its tries, and an admin has replayed it: it is in its first try again."""
        now = jobs.find(hands.deps, job.id)
        dead = with_fields(now, state=JobState.DEAD)
        again = with_fields(dead, state=JobState.QUEUED, attempts=0, started_at=None)
        running = with_fields(again, state=JobState.RUNNING, attempts=1, started_at=hands.clock.now() + dt.timedelta(seconds=1))
        for before, after in pairwise((now, dead, again, running)):
            assert hands.deps.jobs.change(after, before=before)
        taken.append(jobs.find(hands.deps, job.id))

    taken: list[Job] = []
    for handler in (overtaken_and_well, overtaken_and_failing):
        sent = len(hands.queue.sent)
        assert hands.run(job, handler) == taken[-1]
        assert len(hands.queue.sent) == sent
        assert hands.deps.jobs.change(with_fields(taken[-1], state=JobState.QUEUED, attempts=0, started_at=None), before=taken[-1])


def test_what_a_dead_worker_had_begun_is_sent_again(hands: Hands) -> None:
    job = hands.request()
    hands.deps.jobs.change(with_fields(job, state=JobState.RUNNING, started_at=hands.clock.now(), attempts=1), before=job)
    assert jobs.send_waiting(hands.deps) == 1
    assert hands.run(job, dict).state is JobState.SUCCEEDED
    assert jobs.send_waiting(hands.deps) == 0


def test_a_job_that_waits_for_its_next_try_is_not_sent_early(hands: Hands) -> None:
    hands.run(hands.request(), fail(STORE_DOWN))
    assert jobs.send_waiting(hands.deps) == 0


def test_what_is_wanted_once_is_kept_once(hands: Hands) -> None:
    ask = lambda: jobs.request(hands.deps, JobKind.SYNC, {}, trigger="webhook:github", by="github", once="digest")  # noqa: E731
    assert ask() is not None
    assert ask() is None
    assert len(jobs.list_jobs(hands.deps)) == 1


def test_a_message_that_nobody_can_read_is_kept_and_never_run(hands: Hands) -> None:
    job = jobs.keep_unreadable(hands.deps, {"content_type": "application/x-python-serialize", "bytes": 12})
    assert [one.id for one in jobs.list_jobs(hands.deps, states=(JobState.DEAD,))] == [job.id]
    with pytest.raises(UserError) as raised:
        jobs.replay(hands.deps, Doer("usr_admin"), job.id)
    assert raised.value.problem.code == "DM8033"


def test_jobs_come_in_pages_and_projects_are_apart(hands: Hands) -> None:
    made = [hands.request().id for _ in range(3)]
    first = jobs.list_jobs(hands.deps, limit=2)
    assert [job.id for job in first] == made[:0:-1]
    assert [job.id for job in jobs.list_jobs(hands.deps, before=first[-1].id)] == made[:1]
    other = replace(hands.deps, project_id=new_id("prj"))
    assert jobs.list_jobs(other) == []
    with pytest.raises(UserError):
        jobs.find(other, made[0])


def test_events_go_on_where_they_were_left_and_end_with_the_job(hands: Hands) -> None:
    job = hands.request()
    first, ended = jobs.events_after(hands.deps, job.id, 0)
    assert ([event.kind for event in first], ended) == ([EventKind.STATE], False)
    hands.run(job, dict)
    rest, ended = jobs.events_after(hands.deps, job.id, first[-1].seq)
    assert ([event.data for event in rest], ended) == (['{"state":"running","attempt":1}', '{"state":"succeeded","attempt":1}'], True)
    assert [event.seq for event in jobs.events_after(hands.deps, "", 0)[0]] == [event.seq for event in (*first, *rest)]


def test_a_sync_job_publishes_and_tells_its_steps(hands: Hands, place: Place) -> None:
    job = hands.request()
    jobs.run(hands.deps, job.id, {JobKind.SYNC: run_sync})
    done = jobs.find(hands.deps, job.id)
    assert done.state is JobState.SUCCEEDED, done.problems
    assert '"published":true' in done.result
    steps = [event["data"] for event in hands.told(job) if event["kind"] == "step"]
    assert [data.split('"')[3] for data in steps] == ["parse", "read", "compile", "check", "publish", "train"]
    assert hands.deps.layers.current(hands.deps.project_id).published_by == "usr_ana"


def test_the_schedule_asks_for_a_sync_where_the_content_changed(hands: Hands, place: Place) -> None:
    first = sync_scheduled(hands.deps, always=False)
    assert first
    assert sync_scheduled(hands.deps, always=False) == ""  # one waits already
    jobs.run(hands.deps, first, {JobKind.SYNC: run_sync})
    assert sync_scheduled(hands.deps, always=False) == ""
    always = sync_scheduled(hands.deps, always=True)
    jobs.run(hands.deps, always, {JobKind.SYNC: run_sync})
    place.manifest.write_bytes(b"{")
    second = sync_scheduled(hands.deps, always=False)
    jobs.run(hands.deps, second, {JobKind.SYNC: run_sync})
    refused = jobs.find(hands.deps, second)
    assert (refused.state, jobs.problems_of(refused)[0].code) == (JobState.REFUSED, "DM2002")
    assert sync_scheduled(hands.deps, always=False) == ""  # refused once, and not once a minute


class Killed(BaseException):
    """Ends a worker where it stands."""


@pytest.mark.parametrize("error", [ValueError("a fault"), Killed()])
def test_a_project_that_crashes_is_dead_once_and_not_once_a_minute(hands: Hands, place: Place, error: BaseException) -> None:
    class Crashing:
        """The project, of which no artifact can be read."""

        def __getattr__(self, name: str) -> Any:
            return getattr(place.deps.project, name)

        def read(self) -> None:
            raise error

    crashing = replace(hands.deps, project=Crashing())
    job_id = sync_scheduled(crashing, always=False)
    while jobs.find(crashing, job_id).state is not JobState.DEAD:
        with suppress(Killed):
            jobs.run(crashing, job_id, {JobKind.SYNC: run_sync})
    assert sync_scheduled(crashing, always=False) == ""
    place.change()
    assert sync_scheduled(crashing, always=False) != ""


def test_a_forced_sync_of_somebody_who_is_no_admin_any_more_is_refused(hands: Hands) -> None:
    job = hands.request(force=True, reason="because")
    jobs.run(hands.deps, job.id, {JobKind.SYNC: run_sync})
    refused = jobs.find(hands.deps, job.id)
    assert (refused.state, jobs.problems_of(refused)[0].code) == (JobState.REFUSED, "DM7011")
    assert hands.deps.layers.current(hands.deps.project_id) is None
