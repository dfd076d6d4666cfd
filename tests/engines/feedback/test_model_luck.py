"""A language model's replay under bad luck: a worker that is killed anywhere, two at once, and an admin who shuts the model out meanwhile."""

from __future__ import annotations

import dataclasses
import itertools
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.scripted import ScriptedModel
from app.model.jobs import EventKind, JobState
from app.model.model_gates import GateState
from app.service import jobs, model_replay
from app.service.deps import Deps, DraftingOptions
from app.service.model_deciding import reject
from app.service.model_replay import heard_of, run_model_replay
from app.service.replay_job import ask_for_what_lacks
from app.settings import Settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.engines.feedback.conftest import Person
from tests.engines.feedback.test_models import AS_APPROVED, HANDLERS, approved, drafts, gate_of, job_of, script, unapproved, with_model
from tests.engines.service.test_killed_sync import Deadly, exit_code, plain
from tests.gateway.conftest import wait_until
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]


def test_of_two_workers_one_asks(demo: Demo, script: Script, asker: Person, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(demo, asker, admin, "the busy board")
    deps = with_model(demo, script.says(AS_APPROVED), "busy")
    ask_for_what_lacks(deps)
    job = job_of(deps, gate_of(deps, "busy"))
    monkeypatch.setattr(model_replay, "TURN_SECONDS", 0.1)
    with demo.deps.locks.hold("model replay", deps.project_id, gate_of(deps, "busy").id) as ours:
        assert ours
        assert jobs.run(deps, job.id, HANDLERS) == JobState.QUEUED
    assert script.log == []
    assert jobs.run(deps, job.id, HANDLERS) == JobState.SUCCEEDED
    assert gate_of(deps, "busy").state is GateState.PASSED
    again = run_model_replay(deps, gate_of(deps, "busy").id, lambda _kind, _data: None)
    assert again["state"] == "passed"
    assert len(script.log) == 1, "a replay that comes twice asks nothing"


def test_what_an_admin_decides_meanwhile_stands(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    for name in ("the open board", "the shut board"):
        approved(demo, asker, admin, name)
    deps = with_model(demo, script.says(AS_APPROVED), "meanwhile")
    ask_for_what_lacks(deps)
    gate = gate_of(deps, "meanwhile")
    decided: list[str] = []

    def told(_kind: EventKind, _data: Mapping[str, Any]) -> None:
        if not decided:
            decided.append(reject(deps, demo.caller(), gate.id, "not this one").gate.state)

    assert run_model_replay(deps, gate.id, told)["state"] == "rejected"
    assert (decided, len(script.log)) == (["rejected"], 1), "no further question is paid for"
    assert heard_of(gate_of(deps, "meanwhile")) == []
    assert not drafts(deps, demo)


def ended(deps: Deps, job_id: str) -> bool:
    """Whether the job succeeded, run by the next worker where it did not yet."""
    return jobs.run(deps, job_id, HANDLERS) == JobState.SUCCEEDED


def replayed_until(settings: Settings, servers: Servers, folder: Path, job_id: str, fatal: int) -> None:
    """In a process of its own: a worker that is killed at a call of a port while it asks a model."""
    with opened(settings, servers) as deps:
        count = itertools.count()
        deadly = {name: Deadly(getattr(deps, name), count, fatal, "") for name in ("jobs", "locks", "audit", "bus")}
        assert deps.gates is not None
        gates = dataclasses.replace(deps.gates, store=Deadly(deps.gates.store, count, fatal, ""))
        model = Drafter(ScriptedModel(folder / "rules.json", log=folder / "log.jsonl", model="killed"))
        jobs.run(dataclasses.replace(deps, **deadly, gates=gates, model=model, drafting=DraftingOptions(1.0)), job_id, HANDLERS)


@pytest.mark.timeout(600)
def test_a_worker_that_is_killed_at_any_call_leaves_it_to_the_next(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    for name in ("the doomed board", "the spared board"):
        approved(demo, asker, admin, name)
    deps, servers = with_model(demo, script.says(AS_APPROVED), "killed"), plain(demo.servers)
    seen, most = [], 0
    for fatal in itertools.count():
        with psycopg.connect(demo.servers.store, autocommit=True) as connection:
            connection.execute("DELETE FROM feedback.model_gates WHERE model = 'killed'")
        ask_for_what_lacks(deps)
        job = job_of(deps, gate_of(deps, "killed"))
        calls = len(script.log)
        code = exit_code(replayed_until, demo.settings, servers, script.folder, job.id, fatal)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        seen.append(gate_of(deps, "killed").state)
        wait_until(partial(ended, deps, job.id))  # the dead one's lock goes with its connection
        assert gate_of(deps, "killed").state is GateState.PASSED
        most = max(most, len(script.log) - calls)
    assert len(seen) >= 12
    assert seen == sorted(seen, key=[GateState.PENDING, GateState.PASSED].index)
    assert most == 3, "at most the one question in whose time it died is paid for again"
