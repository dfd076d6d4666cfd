"""One gateway and two workers, and admins who decide of the same thing at once: one wins, the others are told, and no state is in between. Ids of another project
open no door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from msgspec.structs import replace

from app.model.corrections import CorrectionState
from app.model.ids import new_id
from app.model.jobs import JobKind, JobState
from app.model.model_gates import GateState, ModelGate
from app.model.records import FLAGGED
from app.service import jobs
from app.service.model_replay import ask_for_models, heard_of
from tests.engines.feedback.conftest import Person, flagged, person, worker
from tests.engines.feedback.test_models import (
    AS_APPROVED,
    HANDLERS,
    OTHERWISE,
    approved,
    as_admin,
    asking,
    gate_of,
    script,
    unapproved,
    with_model,
)
from tests.gateway.conftest import Gateway, problem, wait_until
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]
WHY = {"reason": "it is so"}


def together(acts: Sequence[Callable[[], Any]]) -> list[tuple[int, str, str]]:
    """Status, code and state that each was told, all begun at once."""
    start = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> tuple[int, str, str]:
        start.wait()
        told = one()
        return told.status_code, told.json().get("code", ""), told.json().get("state", "")

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


@pytest.mark.parametrize("before", [CorrectionState.HELD, CorrectionState.SERVED])
def test_admins_who_decide_of_one_correction(demo: Demo, gateway: Gateway, asker: Person, admin: Person, before: CorrectionState) -> None:
    admins = [person(gateway, "admin") for _ in range(6)]
    for turn in range(4):
        made = approved(demo, asker, admin, f"the {before} board {'abcd'[turn]}")
        pair = demo.deps.corrections.store.get(made, "default")
        assert pair is not None
        assert before is CorrectionState.SERVED or demo.deps.corrections.store.settle(
            replace(pair, state=before), before=CorrectionState.SERVED
        )
        at = f"/admin/training-data/corrections/{made}"
        ways = [("accept", "withdraw")[number % 2] for number in range(6)]
        told = together([partial(who.call, "POST", f"{at}/{way}", WHY) for who, way in zip(admins, ways, strict=True)])
        won = [(way, state) for way, (status, _, state) in zip(ways, told, strict=True) if status < 300]
        assert {code for status, code, _ in told if status >= 300} <= {"DM6077"}
        assert all(status in (200, 202, 409) for status, _, _ in told)
        assert sorted(won) in ([("withdraw", "withdrawn")], [("accept", "pending"), ("withdraw", "withdrawn")], [("accept", "pending")]), (
            won
        )
        state = admin.correction(made)["state"]
        assert state == ("withdrawn" if ("withdraw", "withdrawn") in won else "pending")
        entry = demo.deps.feedback.get(pair.feedback_id, "default")
        assert entry is not None
        assert (entry.status == FLAGGED) == (state == "withdrawn"), "the entry is open again with it, and only then"
        for job in demo.deps.jobs.page("default", (JobState.QUEUED,), "", 200):
            if job.kind == JobKind.REPLAY and made in job.arguments:
                jobs.run(demo.deps, job.id, HANDLERS)
        assert admin.correction(made)["state"] in (state, "served")


def test_an_approval_and_a_rejection_and_a_withdrawal_of_one_entry(demo: Demo, gateway: Gateway, asker: Person) -> None:
    admins = [person(gateway, "admin") for _ in range(6)]
    for turn in range(3):
        question = f"the torn board {'abc'[turn]}"
        entry = flagged(asker, question)
        reject = {"flagged_entry_id": entry, **WHY}
        acts = [
            partial(who.approve, entry, question, metrics=["revenue"], group_by=["customer__country"])
            if at % 2
            else partial(who.call, "POST", "/admin/training-data/reject", reject)
            for at, who in enumerate(admins)
        ]
        told = together(acts)
        assert sorted(status for status, _, _ in told)[1:] == [409] * 5
        kept = demo.deps.feedback.get(entry, "default")
        made = demo.deps.corrections.store.of_entry(entry, "default")
        assert kept is not None
        assert (kept.status == "approved") == (made is not None), "both or neither"


def test_admins_who_decide_of_one_model_while_it_is_asked(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    for name in "abcd":
        approved(demo, asker, admin, f"the asked board {name}")
    deps = with_model(demo, script.says(OTHERWISE), "torn")
    ask_for_models(deps)
    gate = gate_of(deps, "torn")
    with as_admin(deps, 5) as admins:
        job = next(one for one in deps.jobs.page("default", (JobState.QUEUED,), "", 200) if gate.id in one.arguments)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(jobs.run, deps, job.id, HANDLERS)
            wait_until(lambda: len(script.log) >= 1)
            told = together([partial(who.call, "POST", f"/models/{gate.id}/reject", WHY) for who in admins])
            running.result(60)
        assert sorted(status for status, _, _ in told) == [200, 409, 409, 409, 409], told
        assert gate_of(deps, "torn").state is GateState.REJECTED
        ways = ["accept", "accept", "reject", "accept", "reject"]
        again = together([partial(who.call, "POST", f"/models/{gate.id}/{way}", WHY) for who, way in zip(admins, ways, strict=True)])
        assert all(status in (200, 409) for status, _, _ in again), again
        calls = [call["messages"][-1]["content"] for call in script.log]
        assert all(sum(asking(f"the asked board {name}") in one for one in calls) <= 1 for name in "abcd"), "nothing is paid for twice"


def test_two_workers_at_the_gate_ask_each_question_once(demo: Demo, script: Script, asker: Person, admin: Person, tmp_path: Path) -> None:
    names = [f"the {colour} board" for colour in ("red", "blue", "green", "grey", "pink", "teal")]
    for name in names:
        approved(demo, asker, admin, name)
    script.says(AS_APPROVED)
    named = {
        "PROVIDER": "scripted",
        "MODEL": "shared",
        "SCRIPT": script.folder / "rules.json",
        "SCRIPT_LOG": script.folder / "log.jsonl",
        "SURE": "1",
    }
    environment = {f"DATAMIND_LLM_{key}": str(value) for key, value in named.items()}
    deps = with_model(demo, script, "shared")
    with ExitStack() as stack:
        for number in range(2):
            stack.enter_context(worker(demo, tmp_path / f"worker{number}.log", **environment))
        ask_for_models(deps)
        gate = gate_of(deps, "shared")
        for number in range(5):
            jobs.request(deps, JobKind.REPLAY, {"model_id": gate.id}, trigger="models", by="system", once=f"{gate.id}:{number}")
        wait_until(lambda: gate_of(deps, "shared").state is GateState.PASSED, 60)
        mine = [one for one in deps.jobs.page("default", tuple(JobState), "", 200) if gate.id in one.arguments]
        assert len(mine) == 6
    calls = [call["messages"][-1]["content"] for call in script.log]
    assert [sum(asking(name) in one for one in calls) for name in names] == [1] * len(names)
    assert len(heard_of(gate_of(deps, "shared"))) == len(names)


def test_ids_of_another_project_open_no_door(demo: Demo, asker: Person, admin: Person) -> None:
    mine = approved(demo, asker, admin, "the fenced board")
    pair = demo.deps.corrections.store.get(mine, "default")
    assert pair is not None
    record, entry = demo.deps.queries.get(pair.query_id, "default"), demo.deps.feedback.get(pair.feedback_id, "default")
    assert record is not None
    assert entry is not None
    other = new_id("prj")
    theirs = replace(record, id=new_id("qry"), project_id=other)
    demo.deps.queries.add(theirs)
    flag = demo.deps.feedback.add(replace(entry, id=new_id("fbk"), project_id=other, query_id=theirs.id, status=FLAGGED, decided_by=""))
    held = replace(pair, id=new_id("apr"), project_id=other, feedback_id=flag.id, query_id=theirs.id, state=CorrectionState.HELD)
    assert demo.deps.corrections.store.approve(held, replace(flag, status="approved"), before=FLAGGED)
    assert demo.deps.gates is not None
    gate = demo.deps.gates.store.add(ModelGate(new_id("mdl"), other, "scripted", "theirs", pair.approved_at, GateState.HELD))
    corrections, query = f"/admin/training-data/corrections/{held.id}", {"metrics": ["revenue"]}
    body = {"flagged_entry_id": flag.id, "question": "x", "corrected_query": query}
    doors: list[tuple[str, str, Any]] = [
        ("POST", "/feedback/flag", {"query_id": theirs.id, "rating": 1}),
        ("POST", "/admin/training-data/approve", body),
        ("POST", "/admin/training-data/reject", {"flagged_entry_id": flag.id, **WHY}),
        ("POST", f"{corrections}/accept", WHY),
        ("POST", f"{corrections}/withdraw", WHY),
        ("GET", f"/admin/training-data/{held.id}/patch", None),
        ("GET", f"/admin/training-data/{flag.id}/patch", None),
        ("POST", f"/models/{gate.id}/accept", WHY),
        ("POST", f"/models/{gate.id}/reject", WHY),
        ("GET", f"/query/{theirs.id}", None),
        ("GET", f"/query/{theirs.id}/export?format=csv", None),
        ("GET", f"/query/{theirs.id}/export?format=pdf", None),
        ("POST", f"/answers/{theirs.id}/share", {}),
    ]
    for method, path, given in doors:
        told = admin.call(method, path, given)
        assert told.status_code == 404, (path, told.text)
        problem(told, 404, told.json()["code"])
    listings = ("/admin/training-data", "/admin/training-data/corrections", "/models", "/admin/training-data/replay")
    listed = "".join(admin.call("GET", path).text for path in listings)
    assert not [one for one in (flag.id, held.id, gate.id, theirs.id, other) if one in listed]
    assert demo.deps.corrections.store.get(held.id, other) == held
    assert demo.deps.gates.store.get(gate.id, other) == gate
