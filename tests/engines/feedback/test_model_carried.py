"""What is known of a language model over one layer, and what of that is known over the next: drafts alone, with what an admin accepted of them. Real store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg
import pytest

from app.errors import UserError
from app.model.jobs import EventKind, JobKind, JobState
from app.model.model_gates import GateState, Heard, ModelGate, ReadAs
from app.service import jobs
from app.service.deps import Deps
from app.service.model_deciding import accept, reject
from app.service.model_replay import heard_of, run_model_replay
from app.service.replay_job import ask_for_what_lacks
from tests.engines.feedback.conftest import Person
from tests.engines.feedback.test_model_layers import gone_through_again, serving, told_otherwise, untold
from tests.engines.feedback.test_models import (
    AS_APPROVED,
    HANDLERS,
    OTHERWISE,
    approved,
    gate_of,
    gone_through,
    job_of,
    script,
    unapproved,
    with_model,
)
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]
NOTHING = {"query": None, "cannot_answer": "no", "ask": None}


def rewritten(deps: Deps, gate: ModelGate, **fields: object) -> None:
    """Every entry of a gate as if that had been heard."""
    assert deps.gates is not None
    heard = [msgspec.structs.replace(one, **fields) for one in msgspec.json.decode(gate.heard, type=list[Heard])]
    assert deps.gates.store.change(msgspec.structs.replace(gate, heard=msgspec.json.encode(heard).decode()), before=gate)


def audited(demo: Demo, event: str) -> list[dict[str, Any]]:
    """What was recorded of that kind, in order."""
    with psycopg.connect(demo.servers.store) as connection:
        found = connection.execute("SELECT status, details FROM audit.audit_log WHERE event_type = %s ORDER BY seq", [event]).fetchall()
    return [{"status": status, **(json.loads(details) if isinstance(details, str) else details)} for status, details in found]


@pytest.mark.parametrize("way", [ReadAs.SKIPPED, ReadAs.UNASKED])
def test_what_was_not_asked_over_one_layer_is_asked_over_the_next(
    demo: Demo, script: Script, asker: Person, admin: Person, way: ReadAs
) -> None:
    approved(demo, asker, admin, "the passed board")
    deps = with_model(demo, script.says(AS_APPROVED), f"not-{way}")
    assert gone_through(deps, f"not-{way}").state is GateState.PASSED
    rewritten(deps, gate_of(deps, f"not-{way}"), read_as=way)
    calls = len(script.log)
    gone_through_again(serving(deps, untold(demo.deps.serving.layer(), f"after {way}")), f"not-{way}")
    assert [one.read_as for one in heard_of(gate_of(deps, f"not-{way}"))] == [ReadAs.SAME]
    assert len(script.log) == calls + 1


def test_what_came_to_nothing_over_one_layer_is_asked_over_the_next(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    """What a draft is checked against is the layer's, in which no prompt need tell the difference."""
    approved(demo, asker, admin, "the empty board")
    deps = with_model(demo, script.says(NOTHING), "empty")
    assert gone_through(deps, "empty").state is GateState.PASSED
    script.rules.insert(0, {"match": "", "reply": AS_APPROVED})
    script.says(AS_APPROVED)
    calls = len(script.log)
    new = serving(deps, untold(demo.deps.serving.layer(), "and mended"))
    gone_through_again(new, "empty")
    assert [one.read_as for one in heard_of(gate_of(deps, "empty"))] == [ReadAs.SAME]
    assert len(script.log) == calls + 1
    run_model_replay(new, gate_of(deps, "empty").id, lambda _kind, _data: None)
    assert len(script.log) == calls + 1, "once for each layer"


def test_an_accepted_difference_stays_accepted_after_a_rollback(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    """Over the layer between it reads the question right; rolled back it reads it as the admin knows."""
    approved(demo, asker, admin, "the back board")
    old = demo.deps.serving.layer()
    deps = with_model(demo, script.says(AS_APPROVED, match="net of tax").says(OTHERWISE), "back")
    gate = gone_through(deps, "back")
    assert gate.state is GateState.HELD
    accept(deps, demo.caller(), gate.id, "as we say it")
    assert [one.accepted for one in heard_of(gate_of(deps, "back"))] == [True]
    new = serving(deps, told_otherwise(old, "net of tax"))
    assert gone_through_again(new, "back").state is GateState.ACCEPTED
    assert [one.read_as for one in heard_of(gate_of(deps, "back"))] == [ReadAs.SAME]
    assert gone_through_again(deps, "back").state is GateState.ACCEPTED
    assert [one.read_as for one in heard_of(gate_of(deps, "back"))] == [ReadAs.OTHER]


def test_an_accepted_difference_of_before_what_was_told_was_kept_lasts(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the aged board")
    old = demo.deps.serving.layer()
    deps = with_model(demo, script.says(AS_APPROVED, match="net of tax").says(OTHERWISE), "aged")
    gate = gone_through(deps, "aged")
    accept(deps, demo.caller(), gate.id, "as we say it")
    rewritten(deps, gate_of(deps, "aged"), told="", layer_version="", accepted=True)  # as the migration leaves it
    gone_through_again(serving(deps, told_otherwise(old, "net of tax")), "aged")
    assert [one.read_as for one in heard_of(gate_of(deps, "aged"))] == [ReadAs.SAME]
    assert gone_through_again(serving(deps, told_otherwise(old, "of all")), "aged").state is GateState.ACCEPTED


def test_a_model_that_waits_again_was_let_in_by_nobody(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the shut board")
    old, caller = demo.deps.serving.layer(), demo.caller()
    deps = with_model(demo, script.says(AS_APPROVED), "again")
    gate = gone_through(deps, "again")
    reject(deps, caller, gate.id, "we want none of it")
    new = serving(deps, told_otherwise(old, "once more"))
    for _ in range(2):
        heard = audited(demo, "model.accept")
        with pytest.raises(UserError, match="was not asked"):
            accept(new, caller, gate.id, "we do after all")
        assert [(one["status"], one["state"]) for one in audited(demo, "model.accept")[len(heard) :]] == [
            ("begin", "pending"),
            ("succeeded", "pending"),
        ]
        waits = gate_of(new, "again")
        assert (waits.state, waits.decided_by, waits.decided_at, waits.reason) == (GateState.PENDING, "", None, "")
        queued = job_of(new, waits)
        assert jobs.run(new, queued.id, {JobKind.REPLAY: lambda _deps, _job, _told: {}}) == JobState.SUCCEEDED, (
            "what was asked for came to nothing"
        )
        reject(new, caller, gate.id, "or not")
    with pytest.raises(UserError, match="was not asked"):
        accept(new, caller, gate.id, "we do after all")
    assert jobs.run(new, job_of(new, gate_of(new, "again")).id, HANDLERS) == JobState.SUCCEEDED
    passed = gate_of(new, "again")
    assert (passed.state, passed.decided_by, passed.reason) == (GateState.PASSED, "", "")


def test_a_replay_that_begins_has_an_end_in_the_audit_trail(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the ended board")
    deps = with_model(demo, script.says(AS_APPROVED), "ended")
    ask_for_what_lacks(deps)
    gate = gate_of(deps, "ended")

    def breaks(_kind: EventKind, _data: Mapping[str, Any]) -> None:
        raise RuntimeError

    def decides(_kind: EventKind, _data: Mapping[str, Any]) -> None:
        reject(deps, demo.caller(), gate.id, "not this one")

    before = len(audited(demo, "model.replay"))
    with pytest.raises(RuntimeError):
        run_model_replay(deps, gate.id, breaks)
    run_model_replay(deps, gate.id, decides)
    found = [(one["status"], one["state"], one.get("problem", "")) for one in audited(demo, "model.replay")[before:]]
    assert found == [("begin", "pending", ""), ("failed", "pending", "DM9001"), ("begin", "pending", ""), ("succeeded", "rejected", "")]
