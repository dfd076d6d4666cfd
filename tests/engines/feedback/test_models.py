"""The gate before a language model: it drafts once it was asked the approved questions and read none otherwise, or an admin let it in. Real store, scripted models."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.fallback import Fallback
from app.adapters.llm.scripted import ScriptedModel
from app.adapters.store.model_usage import StoredModelUsage
from app.model.answer import Answer, Mode, Verdict
from app.model.jobs import Job, JobKind, JobState
from app.model.model_gates import GateState, ModelGate
from app.model.principal import Role
from app.service import jobs
from app.service.ask import ask
from app.service.deps import Deps, DraftingOptions
from app.service.evaluation.run import Asking
from app.service.health import health
from app.service.model_replay import heard_of
from app.service.model_usage import ModelDeps
from app.service.replay_job import ask_for_what_lacks, run_replay
from app.wiring.models import model_of
from tests.engines.feedback.conftest import Person, person, replayed
from tests.gateway.conftest import Clock, problem, serving
from tests.support.demo import Demo, forget_corrections
from tests.support.scripted import Script, query

REVENUE = {"metrics": ["revenue"], "group_by": ["customer__country"]}
AS_APPROVED = query(metrics=["revenue"], group_by=[{"name": "customer__country"}])
OTHERWISE = query(metrics=["orders"], group_by=[{"name": "customer__country"}])
HANDLERS = {JobKind.REPLAY: run_replay}
DOUBTFUL = "orders per nation in June 2026"
"""A question that the project's words do not explain whole, so that a model is asked."""


def asking(question: str) -> str:
    """What a prompt for that question holds, and none that has it among its examples."""
    return f'"previous":null,"question":"{question}"'


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


@pytest.fixture(autouse=True)
def unapproved(demo: Demo) -> Iterator[None]:
    """Every test approves its own questions."""
    forget_corrections(demo)
    yield
    forget_corrections(demo)


def with_model(demo: Demo, script: Script, name: str, **more: Any) -> Deps:
    """The demo with a model of that name; every question is sent to it."""
    model = Drafter(ScriptedModel(script.folder / "rules.json", log=script.folder / "log.jsonl", model=name))
    return dataclasses.replace(demo.deps, **{"model": model, "drafting": DraftingOptions(1.0), **more})


def approved(demo: Demo, asker: Person, admin: Person, question: str, **corrected: Any) -> str:
    """The id of a pair that answers."""
    made = admin.approve(asker.flag(asker.ask(question)["query_id"]), question, **(corrected or REVENUE))
    assert made.status_code == 202, made.text
    replayed(demo, made.json()["id"])
    assert admin.correction(made.json()["id"])["state"] == "served"
    demo.deps.corrections.held.expire()
    return str(made.json()["id"])


def gate_of(deps: Deps, name: str) -> ModelGate:
    assert deps.gates is not None
    return next(one for one in deps.gates.store.all(deps.project_id) if one.model == name)


def job_of(deps: Deps, gate: ModelGate) -> Job:
    """The newest replay of the model that waits."""
    waiting = deps.jobs.page(deps.project_id, (JobState.QUEUED,), "", 200)
    return next(one for one in waiting if gate.id in one.arguments)


def gone_through(deps: Deps, name: str) -> ModelGate:
    """What becomes of a model within a minute: the worker asks for its replay and runs it."""
    ask_for_what_lacks(deps)
    if gate_of(deps, name).state is GateState.PENDING:
        assert jobs.run(deps, job_of(deps, gate_of(deps, name)).id, HANDLERS) == JobState.SUCCEEDED
    assert deps.gates is not None
    deps.gates.held.expire()
    return gate_of(deps, name)


def asked(deps: Deps, demo: Demo, question: str = DOUBTFUL) -> Answer:
    answer = ask(deps, demo.caller(Role.ANALYST, region="DACH"), question).answer
    assert answer is not None
    return answer


def drafts(deps: Deps, demo: Demo) -> bool:
    """Whether a question goes to the model; where it does not, the answer says why."""
    answer = asked(deps, demo)
    told = [one for one in answer.problems if one.code == "DM6096"]
    assert (answer.mode is Mode.LIMITED_AI) == bool(told), answer.problems
    assert answer.mode is not Mode.GROUNDED
    if told:
        assert answer.drafted is not None
        assert (answer.drafted.verdict, answer.drafted.calls) == (Verdict.UNAVAILABLE, 0)
        assert told[0].severity == "note"
        assert answer.outcome == "answer", "the project's words answer meanwhile"
    return not told


@contextmanager
def as_admin(deps: Deps, count: int = 1) -> Iterator[list[Person]]:
    """Admins of a gateway with these Deps."""
    with serving(deps) as gateway:
        yield [person(gateway, "admin") for _ in range(count)]


def listed(admin: Person, name: str) -> dict[str, Any]:
    items = admin.call("GET", "/models").json()["items"]
    return dict(next(one for one in items if one["model"] == name))


def test_where_nothing_is_approved_it_drafts_at_once(demo: Demo, script: Script) -> None:
    deps = with_model(demo, script.says(AS_APPROVED), "at-once")
    assert drafts(deps, demo), "before a worker has looked"
    calls = len(script.log)
    assert gone_through(deps, "at-once").state is GateState.PASSED
    assert len(script.log) == calls
    assert drafts(deps, demo)


def test_what_drafted_goes_on_when_a_question_is_approved(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    deps = with_model(demo, script.says(OTHERWISE), "first")
    assert gone_through(deps, "first").state is GateState.PASSED
    approved(demo, asker, admin, "the going board")
    assert drafts(deps, demo)
    assert gone_through(deps, "first").state is GateState.PASSED


def test_a_model_that_reads_them_as_approved_drafts_after_its_replay(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    made = approved(demo, asker, admin, "the model board")
    deps = with_model(demo, script.says(AS_APPROVED, tokens_in=900, tokens_out=40), "good")
    assert not drafts(deps, demo)
    assert script.log == [], "nothing is sent before"
    gate = gone_through(deps, "good")
    assert gate.state is GateState.PASSED
    assert [(one.correction_id, one.read_as, one.calls, one.tokens_in) for one in heard_of(gate)] == [(made, "same", 1, 900)]
    assert drafts(deps, demo)
    sent = [call for call in script.log if asking("the model board") in call["messages"][-1]["content"]]
    assert len(sent) == 1
    assert "the model board" in sent[0]["messages"][-1]["content"].partition(asking("the model board"))[0], (
        "what was approved is among its examples, as it is for whoever says the same in other words"
    )


def test_a_model_that_reads_one_otherwise_is_held_until_an_admin_decides(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the right board")
    made = approved(demo, asker, admin, "the wrong board")
    script.says(AS_APPROVED, match=asking("the right board")).says(OTHERWISE)
    deps = with_model(demo, script, "odd")
    gate = gone_through(deps, "odd")
    assert gate.state is GateState.HELD
    calls = len(script.log)
    assert calls == 2
    assert not drafts(deps, demo)
    assert len(script.log) == calls
    assert asked(deps, demo, "the wrong board").mode is Mode.GROUNDED, "who asks an approved question has its answer"
    report = health(dataclasses.replace(deps, llm_provider="scripted", models=ModelDeps(StoredModelUsage(None), _watched(script, "odd"))))  # type: ignore[arg-type]
    assert report.components["llm"].status == "down"
    assert "waits for an admin" in report.components["llm"].detail
    with as_admin(deps, 2) as (one, other):
        shown = listed(one, "odd")
        assert (shown["state"], shown["drafts"], shown["order"]) == ("held", False, 1)
        assert (shown["questions"]["approved"], shown["questions"]["same"], shown["questions"]["other"]) == (2, 1, 1)
        (difference,) = shown["differences"]
        assert (difference["correction_id"], difference["question"]) == (made, "the wrong board")
        assert difference["approved"].startswith("Revenue by country")
        assert difference["now"].startswith("Orders by country")
        at = f"/models/{gate.id}"
        problem(one.call("POST", f"{at}/accept", {"reason": " "}), 422, "DM8024")
        problem(one.call("POST", f"/models/mdl_{'0' * 32}/accept", {"reason": "x"}), 404, "DM6097")
        together = Barrier(2)

        def decide(who: Person, what: str) -> int:
            together.wait()
            return who.call("POST", f"{at}/{what}", {"reason": "nobody says that any more"}).status_code

        with ThreadPoolExecutor(2) as pool:
            codes = list(pool.map(decide, (one, other), ("accept", "accept")))
        assert sorted(codes) == [200, 409]
        assert drafts(deps, demo)
        problem(one.call("POST", f"{at}/accept", {"reason": "again"}), 409, "DM6098")
        told = one.call("POST", f"{at}/reject", {"reason": "it takes gross for net"})
        assert (told.status_code, told.json()["state"], told.json()["reason"]) == (200, "rejected", "it takes gross for net")
        assert not drafts(deps, demo)
        assert gone_through(deps, "odd").state is GateState.REJECTED
        assert one.call("POST", f"{at}/accept", {"reason": "a mistake"}).json()["state"] == "accepted"
        assert drafts(deps, demo)


def _watched(script: Script, name: str) -> Drafter:
    return Drafter(ScriptedModel(script.folder / "rules.json", model=name))


def test_a_model_without_a_reading_changes_nothing_and_passes(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the silent board")
    approved(demo, asker, admin, "the garbled board")
    script.says(text="no JSON", match=asking("the garbled board")).says({"query": None, "cannot_answer": "no", "ask": None})
    gate = gone_through(with_model(demo, script, "silent"), "silent")
    assert gate.state is GateState.PASSED
    assert {one.read_as for one in heard_of(gate)} == {"none"}


def test_a_model_that_takes_a_right_answer_away_is_held(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    """The project's words come to what was approved by now; the model finds no reading, and the answer becomes a question back."""
    question = "revenue per nation in June 2026"
    reads = asker.ask(question)
    assert reads["outcome"] == "answer"
    corrected = {"metrics": ["revenue"], "group_by": ["customer__country"], "start_time": "2026-06-01", "end_time": "2026-06-30"}
    approved(demo, asker, admin, question, **corrected)
    script.says(OTHERWISE)
    gate = gone_through(with_model(demo, script, "taker"), "taker")
    assert gate.state is GateState.HELD
    (heard,) = heard_of(gate)
    assert heard.difference is not None
    assert "Orders by country" in heard.difference.now


def test_a_provider_that_fails_leaves_it_waiting_and_is_tried_again(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the early board")
    approved(demo, asker, admin, "the late board")
    script.says(AS_APPROVED, match=asking("the late board")).says(error="unreachable", match=asking("the early board"))
    clock = Clock()
    deps = with_model(demo, script.says(AS_APPROVED), "faulty", clock=clock)
    ask_for_what_lacks(deps)
    job = job_of(deps, gate_of(deps, "faulty"))
    assert jobs.run(deps, job.id, HANDLERS) == JobState.SUCCEEDED
    kept = deps.jobs.get(job.id, deps.project_id)
    assert kept is not None
    result = json.loads(kept.result)
    assert (result["state"], result["same"], result["calls"]) == ("pending", 1, 1)
    assert result["fault"].startswith("DM8090")
    assert not drafts(deps, demo)
    with as_admin(deps) as (one,):
        shown = listed(one, "faulty")
        assert (shown["state"], shown["fault"][:6]) == ("pending", "DM8090")
        assert shown["next_try_at"] > shown["tried_at"]
        problem(one.call("POST", f"/models/{shown['id']}/accept", {"reason": "now"}), 409, "DM6098")
    assert not [one for one in deps.jobs.page(deps.project_id, (JobState.QUEUED,), "", 200) if shown["id"] in one.arguments]
    ask_for_what_lacks(deps)
    assert not [one for one in deps.jobs.page(deps.project_id, (JobState.QUEUED,), "", 200) if shown["id"] in one.arguments]
    clock.ahead = dt.timedelta(minutes=1)
    script.rules[1] = {"match": asking("the early board"), "reply": AS_APPROVED}
    script.says(AS_APPROVED)
    assert gone_through(deps, "faulty").state is GateState.PASSED
    asked_for = [call for call in script.log if asking("the late board") in call["messages"][-1]["content"]]
    assert len(asked_for) == 1, "what was paid for is not asked again"


def test_what_was_approved_since_is_asked_before_it_is_let_in(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the known board")
    deps = with_model(demo, script.says(OTHERWISE), "since")
    gate = gone_through(deps, "since")
    assert gate.state is GateState.HELD
    approved(demo, asker, admin, "the new board")
    with as_admin(deps) as (one,):
        at = f"/models/{gate.id}/accept"
        problem(one.call("POST", at, {"reason": "as it is"}), 409, "DM6098")
        assert listed(one, "since")["state"] == "pending"
        calls = len(script.log)
        assert jobs.run(deps, job_of(deps, gate).id, HANDLERS) == JobState.SUCCEEDED
        assert len(script.log) == calls + 1
        assert len(listed(one, "since")["differences"]) == 2
        assert one.call("POST", at, {"reason": "as it is"}).json()["state"] == "accepted"
    assert drafts(deps, demo)


def test_the_next_provider_drafts_where_the_first_is_held(demo: Demo, tmp_path: Path, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the second board")
    scripts = []
    for name, draft in (("one", OTHERWISE), ("two", AS_APPROVED)):
        (tmp_path / name).mkdir()
        scripts.append(Script(tmp_path / name).says(draft))
    models = [Drafter(ScriptedModel(one.folder / "rules.json", log=one.folder / "log.jsonl", model=one.folder.name)) for one in scripts]
    both = Fallback(models)
    usage = ModelDeps(StoredModelUsage(None), both)  # type: ignore[arg-type]
    deps = dataclasses.replace(demo.deps, model=both, models=usage, drafting=DraftingOptions(1.0))
    assert not drafts(deps, demo)
    ask_for_what_lacks(deps)
    for name in ("one", "two"):
        assert jobs.run(deps, job_of(deps, gate_of(deps, name)).id, HANDLERS) == JobState.SUCCEEDED
    demo.deps.gates.held.expire()  # type: ignore[union-attr]
    assert [gate_of(deps, name).state for name in ("one", "two")] == [GateState.HELD, GateState.PASSED]
    calls = len(scripts[0].log)
    answer = asked(deps, demo)
    assert answer.drafted is not None
    assert (answer.mode, answer.drafted.model) == (Mode.FULL, "two")
    assert len(scripts[0].log) == calls
    assert health(dataclasses.replace(deps, llm_provider="scripted")).components["llm"].status == "degraded"


def test_calls_are_bounded_and_on_the_projects_account(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    for name in ("the first board", "the middle board", "the last board"):
        approved(demo, asker, admin, name)
    script.says(AS_APPROVED, tokens_in=1_000, tokens_out=10)
    settings = demo.settings.model_copy(
        update={"llm_provider": "scripted", "llm_model": "counted", "llm_script": script.folder / "rules.json", "llm_price_in": 2.0}
    )
    assert demo.deps.models is not None
    usage = demo.deps.models.usage
    model = model_of(settings, usage, demo.deps.clock)
    assert demo.deps.gates is not None
    few = dataclasses.replace(demo.deps.gates, most_questions=2)
    deps = with_model(demo, script, "", model=model, models=ModelDeps(usage, model), gates=few)
    gate = gone_through(deps, "counted")
    assert gate.state is GateState.PASSED
    assert (len(heard_of(gate)), gate.approved) == (2, 3)
    today = demo.deps.clock.now().date()
    lines = [one for one in usage.lines(deps.project_id, today - dt.timedelta(1), today) if one.model == "counted"]
    assert [(one.user_id, one.calls, one.tokens_in, one.cost) for one in lines] == [("system", 2, 2_000, pytest.approx(0.004))]


def test_a_model_that_is_measured_stands_before_no_gate(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the measured board")
    deps = with_model(demo, script.says(AS_APPROVED), "measured")
    assert not drafts(deps, demo)
    assert drafts(Asking(deps, demo.caller()).by(deps.model).deps, demo)
