"""The gate before a language model over a new layer: what drafts is asked again as far as it is told something new, and drafts over that layer only then."""

from __future__ import annotations

import dataclasses
import itertools
import signal
from functools import partial
from pathlib import Path

import msgspec
import psycopg
import pytest

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.scripted import ScriptedModel
from app.model.model_gates import GateState
from app.model.ontology import Layer
from app.service import jobs
from app.service.deps import Deps, DraftingOptions
from app.service.model_replay import heard_of, run_model_replay
from app.service.replay_job import ask_for_what_lacks
from app.settings import Settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.engines.feedback.conftest import Person
from tests.engines.feedback.test_model_luck import ended
from tests.engines.feedback.test_models import (
    AS_APPROVED,
    HANDLERS,
    OTHERWISE,
    approved,
    as_admin,
    asking,
    drafts,
    gate_of,
    gone_through,
    job_of,
    listed,
    script,
    unapproved,
    with_model,
)
from tests.engines.service.test_killed_sync import Deadly, exit_code, plain
from tests.gateway.conftest import problem, wait_until
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]


def told_otherwise(layer: Layer, word: str) -> Layer:
    """The layer where a prompt describes revenue in another word."""
    metrics = tuple(
        msgspec.structs.replace(one, description=f"What was charged, {word}.") if one.name == "revenue" else one
        for one in layer.ontology.metrics
    )
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, metrics=metrics))


def untold(layer: Layer, word: str) -> Layer:
    """The layer changed where no prompt looks."""
    first, *others = layer.ontology.models
    changed = (msgspec.structs.replace(first, description=f"A table, {word}."), *others)
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, models=changed))


def serving(deps: Deps, layer: Layer) -> Deps:
    """Where that layer is the one that is served."""
    return dataclasses.replace(deps, serving=deps.serving.over(layer, with_values=True))


def test_a_layer_that_tells_it_nothing_new_is_no_question_to_it(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the quiet board")
    deps = with_model(demo, script.says(AS_APPROVED), "quiet")
    assert gone_through(deps, "quiet").state is GateState.PASSED
    approved(demo, asker, admin, "the later board")
    assert drafts(deps, demo), "what was approved since is no question to it either"
    calls = len(script.log)
    new = serving(deps, untold(demo.deps.serving.layer(), "once more"))
    assert not drafts(new, demo), "before a worker has looked"
    assert len(script.log) == calls
    assert gone_through_again(new, "quiet").state is GateState.PASSED
    assert len(script.log) == calls
    assert drafts(new, demo)


def gone_through_again(deps: Deps, name: str) -> object:
    """As after a publication: a worker asks for the replay and runs it, whatever the state."""
    ask_for_what_lacks(deps)
    assert jobs.run(deps, job_of(deps, gate_of(deps, name)).id, HANDLERS) == "succeeded"
    assert deps.gates is not None
    deps.gates.held.expire()
    ask_for_what_lacks(deps)
    return gate_of(deps, name)


def test_where_nothing_is_approved_a_new_layer_asks_nothing(demo: Demo, script: Script) -> None:
    deps = with_model(demo, script.says(OTHERWISE), "unbound")
    assert gone_through(deps, "unbound").state is GateState.PASSED
    new = serving(deps, told_otherwise(demo.deps.serving.layer(), "in all"))
    assert drafts(new, demo)
    calls = len(script.log)
    ask_for_what_lacks(new)
    gate = gate_of(new, "unbound")
    assert (gate.state, gate.layer_version) == (GateState.PASSED, new.serving.layer().version)
    assert len(script.log) == calls


def test_a_model_that_a_new_layer_misleads_is_held_for_it(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    one, two = approved(demo, asker, admin, "the firm board"), approved(demo, asker, admin, "the weak board")
    deps = with_model(demo, script.says(AS_APPROVED), "misled")
    assert gone_through(deps, "misled").state is GateState.PASSED
    script.rules.insert(0, {"match": f"net of tax.*{asking('the weak board')}", "reply": OTHERWISE})
    script.says(AS_APPROVED)
    old = demo.deps.serving.layer()
    new = serving(deps, told_otherwise(old, "net of tax"))
    assert not drafts(new, demo), "the project's words answer until it was asked"
    calls = len(script.log)
    assert gone_through_again(new, "misled").state is GateState.HELD
    assert len(script.log) == calls + 2, "each question once"
    assert {entry.correction_id for entry in heard_of(gate_of(new, "misled"))} == {one, two}
    assert not drafts(new, demo)
    with as_admin(new) as (person,):
        shown = listed(person, "misled")
        assert (shown["state"], shown["drafts"], shown["layer_version"]) == ("held", False, new.serving.layer().version)
        assert [difference["correction_id"] for difference in shown["differences"]] == [two]
        assert person.call("POST", f"/models/{shown['id']}/accept", {"reason": "as we say it now"}).json()["state"] == "accepted"
    assert drafts(new, demo)
    calls = len(script.log)
    newer = serving(deps, told_otherwise(old, "net of tax and fees"))
    assert gone_through_again(newer, "misled").state is GateState.ACCEPTED, "the admin knows of that difference"
    assert len(script.log) == calls + 2
    script.rules.insert(0, {"match": f"before fees.*{asking('the firm board')}", "reply": OTHERWISE})
    script.says(AS_APPROVED)
    newest = serving(deps, told_otherwise(old, "before fees"))
    assert gone_through_again(newest, "misled").state is GateState.HELD, "and not of this one"
    assert gate_of(newest, "misled").decided_by == ""
    calls = len(script.log)
    assert gone_through_again(deps, "misled").state is GateState.PASSED, "rolled back: the layer that it read right"
    assert gone_through_again(newest, "misled").state is GateState.HELD
    assert len(script.log) == calls, "what it makes of a layer is known"


def test_a_provider_that_is_away_keeps_it_from_drafting_over_the_new_layer(
    demo: Demo, script: Script, asker: Person, admin: Person
) -> None:
    approved(demo, asker, admin, "the gone board")
    deps = with_model(demo, script.says(AS_APPROVED), "gone")
    assert gone_through(deps, "gone").state is GateState.PASSED
    script.rules.insert(0, {"match": "", "error": "unreachable"})
    script.says(AS_APPROVED)
    new = serving(deps, told_otherwise(demo.deps.serving.layer(), "at last"))
    gone_through_again(new, "gone")
    assert not drafts(new, demo)
    with as_admin(new) as (person,):
        shown = listed(person, "gone")
        assert (shown["state"], shown["drafts"], shown["fault"][:6]) == ("pending", False, "DM8090")
        problem(person.call("POST", f"/models/{shown['id']}/accept", {"reason": "now"}), 409, "DM6098")
        assert person.call("POST", f"/models/{shown['id']}/reject", {"reason": "it is gone"}).status_code == 200
        told = person.call("POST", f"/models/{shown['id']}/accept", {"reason": "it is back"})
        assert "over the layer that is served now" in problem(told, 409, "DM6098")["detail"]
    del script.rules[0]
    script.says(AS_APPROVED)
    job = job_of(new, gate_of(new, "gone"))
    assert jobs.run(new, job.id, HANDLERS) == "succeeded"
    assert gate_of(new, "gone").state is GateState.PASSED
    assert run_model_replay(new, gate_of(new, "gone").id, lambda _kind, _data: None)["calls"] == 1


def replayed_until(settings: Settings, servers: Servers, folder: Path, word: str, job_id: str, fatal: int) -> None:
    """In a process of its own: a worker that is killed at a call of a port while it asks a model over a new layer."""
    with opened(settings, servers) as deps:
        count = itertools.count()
        deadly = {name: Deadly(getattr(deps, name), count, fatal, "") for name in ("jobs", "locks", "audit", "bus")}
        assert deps.gates is not None
        gates = dataclasses.replace(deps.gates, store=Deadly(deps.gates.store, count, fatal, ""))
        model = Drafter(ScriptedModel(folder / "rules.json", log=folder / "log.jsonl", model="doomed"))
        new = serving(deps, told_otherwise(deps.serving.layer(), word))
        jobs.run(dataclasses.replace(new, **deadly, gates=gates, model=model, drafting=DraftingOptions(1.0)), job_id, HANDLERS)


@pytest.mark.timeout(600)
def test_a_worker_that_is_killed_over_a_new_layer_leaves_it_to_the_next(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    for name in ("the doomed board", "the spared board"):
        approved(demo, asker, admin, name)
    deps, servers = with_model(demo, script.says(AS_APPROVED), "doomed"), plain(demo.servers)
    assert gone_through(deps, "doomed").state is GateState.PASSED
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute("DELETE FROM jobs.jobs WHERE state = 'queued'")
    most, seen = 0, 0
    for fatal in itertools.count(2):
        word = f"for the {fatal}th time"
        new = serving(deps, told_otherwise(demo.deps.serving.layer(), word))
        ask_for_what_lacks(new)
        job = job_of(new, gate_of(new, "doomed"))
        calls = len(script.log)
        code = exit_code(replayed_until, demo.settings, servers, script.folder, word, job.id, fatal)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        seen += 1
        gate = gate_of(new, "doomed")
        assert gate.state is GateState.PASSED
        done = gate.layer_version == new.serving.layer().version
        assert done == (drafts(new, demo) if new.gates and not new.gates.held.expire() else False)
        wait_until(partial(ended, new, job.id))
        assert gate_of(new, "doomed").layer_version == new.serving.layer().version
        asked = sum(
            any(asking(name) in call["messages"][-1]["content"] for name in ("the doomed board", "the spared board"))
            for call in script.log[calls:]
        )
        most = max(most, asked)
    assert seen >= 10
    assert most == 3, "at most the one question in whose time it died is paid for again"
