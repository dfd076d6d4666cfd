"""The replay gate under bad luck: a worker that is killed anywhere in a replay, and several replays at once. Every correction is settled, once."""

from __future__ import annotations

import itertools
import json
import signal
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from app.model.corrections import CorrectionState
from app.model.jobs import EventKind, Job, JobKind, JobState
from app.ports.audit import AuditFilter
from app.service import jobs, replay, replay_job
from app.service.replay_job import run_replay
from app.service.training import retrieve
from app.settings import Settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.engines.feedback.conftest import Person
from tests.engines.service.test_killed_sync import Deadly, exit_code, plain
from tests.support.demo import Demo

HANDLERS = {JobKind.REPLAY: run_replay}
PORTS = ("jobs", "locks", "audit", "bus", "training")
QUERY = {"metrics": ["revenue"], "group_by": ["customer__country"]}


def replayed_until(settings: Settings, servers: Servers, job_id: str, fatal: int) -> None:
    """In a process of its own: a worker that is killed at a call of a port while it replays."""
    with opened(settings, servers) as deps:
        count = itertools.count()
        deadly = {name: Deadly(getattr(deps, name), count, fatal, "") for name in PORTS}
        corrections = replace(deps.corrections, store=Deadly(deps.corrections.store, count, fatal, ""))
        jobs.run(replace(deps, **deadly, corrections=corrections), job_id, HANDLERS)


def approved(asker: Person, admin: Person, question: str, entry: str = "") -> tuple[str, str]:
    """A correction that waits for its replay, and the entry that it is of."""
    entry = entry or asker.flag(asker.ask(question)["query_id"])
    told = admin.approve(entry, question, **QUERY)
    assert told.status_code == 202, told.text
    return told.json()["id"], entry


def job_of(demo: Demo, correction_id: str) -> Job:
    """Its replay."""
    waiting = demo.deps.jobs.page("default", (JobState.QUEUED,), "", 200)
    return next(one for one in waiting if one.kind == JobKind.REPLAY and correction_id in one.arguments)


def state_of(demo: Demo, correction_id: str) -> CorrectionState:
    kept = demo.deps.corrections.store.get(correction_id, "default")
    assert kept is not None
    return kept.state


def answers(demo: Demo, asker: Person, question: str) -> bool:
    """Whether the question is answered as was approved."""
    demo.deps.corrections.held.expire()
    return "DM6070" in [one["code"] for one in asker.ask(question)["problems"]]


def is_indexed(demo: Demo, question: str) -> bool:
    view = demo.deps.serving.view(demo.caller().principal)
    return any(item.question == question for item in retrieve(demo.deps, view, question).question_sql)


@pytest.mark.timeout(900)
def test_a_worker_that_is_killed_at_any_call_leaves_it_to_the_next(demo: Demo, asker: Person, admin: Person) -> None:
    question, entry, servers, seen = "the doomed board", "", plain(demo.servers), []
    for fatal in itertools.count():
        made, entry = approved(asker, admin, question, entry)
        job = job_of(demo, made)
        code = exit_code(replayed_until, demo.settings, servers, job.id, fatal)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        state = state_of(demo, made)
        assert state in (CorrectionState.PENDING, CorrectionState.SERVED)
        seen.append(state is CorrectionState.SERVED)
        assert answers(demo, asker, question) == seen[-1]  # nothing answers before it was replayed to the end
        assert jobs.run(demo.deps, job.id, HANDLERS) == JobState.SUCCEEDED
        assert state_of(demo, made) == CorrectionState.SERVED
        assert answers(demo, asker, question)
        assert is_indexed(demo, question)
        gone = admin.call("POST", f"/admin/training-data/corrections/{made}/withdraw", {"reason": "once more"})
        assert gone.status_code == 200, gone.text
    assert len(seen) >= 15  # the job, its lock, the turn, reading, recording, settling, telling, training
    assert seen == sorted(seen)  # up to one call it waits, from there on it is served
    assert {False, True} == set(seen)
    assert state_of(demo, made) == CorrectionState.SERVED


def test_of_two_at_once_one_waits_and_both_are_settled(demo: Demo, asker: Person, admin: Person) -> None:
    made = [approved(asker, admin, question)[0] for question in ("the early board", "the late board")]
    first, second = (job_of(demo, one) for one in made)
    inside, go = threading.Event(), threading.Event()
    order: list[str] = []

    def held(kind: EventKind, data: Mapping[str, Any]) -> None:
        if (kind, data["step"]) == (EventKind.STEP, "replay"):
            order.append("first")
            inside.set()
            assert go.wait(30)

    def waiting(kind: EventKind, data: Mapping[str, Any]) -> None:
        if (kind, data["step"]) == (EventKind.STEP, "replay"):
            order.append("second")

    with opened(demo.settings, demo.servers) as other, ThreadPoolExecutor(2) as pool:
        one = pool.submit(run_replay, demo.deps, first, held)
        try:
            assert inside.wait(30)
            two = pool.submit(run_replay, other, second, waiting)
            with pytest.raises(TimeoutError):
                two.result(0.5)
            assert order == ["first"]
        finally:
            go.set()
        assert [one.result(60)["state"], two.result(60)["state"]] == ["served", "served"]
    assert order == ["first", "second"]
    assert {state_of(demo, each) for each in made} == {CorrectionState.SERVED}
    assert two.result()["replayed"] == one.result()["replayed"] + 1  # the second was held to the first too
    assert answers(demo, asker, "the early board")
    assert answers(demo, asker, "the late board")


def test_one_that_waits_too_long_comes_again(demo: Demo, asker: Person, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = approved(asker, admin, "the patient board")
    job = job_of(demo, made)
    monkeypatch.setattr(replay, "TURN_SECONDS", 0.1)
    with demo.deps.locks.hold("replay", demo.deps.project_id) as ours:
        assert ours
        assert jobs.run(demo.deps, job.id, HANDLERS) == JobState.QUEUED
        assert state_of(demo, made) == CorrectionState.PENDING
    waits = demo.deps.jobs.get(job.id, "default")
    assert waits is not None
    assert "DM8028" in waits.problems
    assert waits.attempts == 0  # no try is lost
    assert jobs.run(demo.deps, job.id, HANDLERS) == JobState.SUCCEEDED
    assert state_of(demo, made) == CorrectionState.SERVED
    assert answers(demo, asker, "the patient board")


def test_a_replay_is_recorded_where_it_begins_and_however_it_ends(
    demo: Demo, asker: Person, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = approved(asker, admin, "the traced board")
    seen: list[list[str]] = []

    def trail() -> list[tuple[str, dict[str, Any]]]:
        found = demo.deps.trail.trail.page("default", AuditFilter(event_type="feedback.replay"), 0, 50)
        details = [(one.status, json.loads(one.details)) for one in reversed(found)]
        return [(status, told) for status, told in details if told["correction_id"] == made]

    def breaks(*_given: Any) -> Any:
        seen.append([status for status, _ in trail()])
        raise ZeroDivisionError

    monkeypatch.setattr(replay_job, "replay", breaks)
    assert jobs.run(demo.deps, job_of(demo, made).id, HANDLERS) != JobState.SUCCEEDED
    monkeypatch.undo()
    assert seen == [["begin"]], "before a question is asked again"
    assert [(status, told.get("problem")) for status, told in trail()] == [("begin", None), ("failed", "DM9001")]
    assert jobs.run(demo.deps, job_of(demo, made).id, HANDLERS) == JobState.SUCCEEDED
    status, told = trail()[-1]
    assert (status, told["state"], told["skipped"]) == ("succeeded", "served", 0)
    assert told["replayed"] >= 1
