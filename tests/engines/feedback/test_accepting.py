"""A held correction that an admin accepts: a worker asks every approved question once more, and it stands with what the admin saw, or is held again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import msgspec
import pytest

from app.model.corrections import CorrectionState
from app.model.jobs import JobKind, JobState
from app.service import jobs, replay
from app.service.replay_job import ask_for_what_lacks, run_replay
from tests.engines.feedback.conftest import Person, flagged, person, replayed, served
from tests.gateway.conftest import Gateway, problem
from tests.support.demo import Demo

REVENUE = {"metrics": ["revenue"], "group_by": ["customer__country"]}
ORDERS = {"metrics": ["orders"], "group_by": ["customer__country"]}


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


def test_a_correction_that_changes_an_approved_answer_is_held(demo: Demo, gateway: Gateway, asker: Person, admin: Person) -> None:
    again = "please show me the big board"
    entry = flagged(person(gateway), again)
    first = served(demo, asker, admin, "the big board", **REVENUE)
    assert first["state"] == "served"
    made = admin.approve(entry, again, **ORDERS).json()
    replayed(demo, made["id"])
    second = admin.correction(made["id"])
    assert second["state"] == "held"
    assert {one["correction_id"] for one in second["differences"]} == {first["id"], second["id"]}
    assert "asked back" in second["differences"][0]["now"]
    assert asker.ask("big board")["query"]["metrics"] == ["revenue"]

    at = f"/admin/training-data/corrections/{second['id']}"
    problem(admin.call("POST", f"{at}/accept", {"reason": " "}), 422, "DM8024")
    told = admin.call("POST", f"{at}/accept", {"reason": "the board shows orders now"})
    assert (told.status_code, told.json()["state"]) == (202, "pending")
    problem(admin.call("POST", f"{at}/accept", {"reason": "a second click"}), 409, "DM6077")
    assert asker.ask("big board")["query"]["metrics"] == ["revenue"], "nothing changes before the replay"
    job = admin.call("GET", f"/jobs/{told.json()['job_id']}").json()
    assert (job["kind"], job["state"]) == ("replay", "queued")
    assert jobs.run(demo.deps, job["id"], {JobKind.REPLAY: run_replay}) == JobState.SUCCEEDED
    stands = admin.correction(second["id"])
    assert (stands["state"], stands["decided_by"], stands["reason"]) == ("served", admin.id, "the board shows orders now")
    assert admin.correction(first["id"])["state"] == "superseded"
    assert asker.ask("big board")["query"]["metrics"] == ["orders"]
    problem(admin.call("POST", f"{at}/accept", {"reason": "again"}), 409, "DM6077")
    assert admin.call("POST", f"{at}/withdraw", {"reason": "a mistake"}).json()["state"] == "withdrawn"
    assert "DM6070" not in codes(asker.ask("big board"))
    entries = admin.call("GET", "/admin/training-data", limit=200).json()["items"]
    assert second["feedback_id"] in {one["id"] for one in entries}


def test_what_is_accepted_changes_no_more_than_it_showed(
    demo: Demo, gateway: Gateway, asker: Person, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "TURN_SECONDS", 0.1)
    entry = flagged(person(gateway), "the wide board please")
    first = served(demo, asker, admin, "the wide board", **REVENUE)
    made = admin.approve(entry, "the wide board please", **ORDERS).json()
    replayed(demo, made["id"])
    held = demo.deps.corrections.store.get(made["id"], "default")
    assert held is not None
    assert held.state is CorrectionState.HELD
    unshown = msgspec.structs.replace(held, diff="[]")  # as where the first was approved while this one was held
    assert demo.deps.corrections.store.settle(unshown, before=CorrectionState.HELD)
    at = f"/admin/training-data/corrections/{made['id']}/accept"
    accepted = admin.call("POST", at, {"reason": "orders"}).json()
    with demo.deps.locks.hold("replay", "default") as ours:
        assert ours
        assert jobs.run(demo.deps, accepted["job_id"], {JobKind.REPLAY: run_replay}) == JobState.QUEUED
    assert admin.correction(made["id"])["state"] == "pending"
    assert jobs.run(demo.deps, accepted["job_id"], {JobKind.REPLAY: run_replay}) == JobState.REFUSED
    job = admin.call("GET", f"/jobs/{accepted['job_id']}").json()
    assert [one["code"] for one in job["problems"]] == ["DM6077"]
    assert admin.correction(first["id"])["state"] == "served"
    again = admin.correction(made["id"])
    assert (again["state"], again["decided_by"], again["reason"]) == ("held", "", "")
    assert first["id"] in {one["correction_id"] for one in again["differences"]}
    assert admin.call("POST", at, {"reason": "orders"}).status_code == 202
    replayed(demo, made["id"])
    assert admin.correction(made["id"])["state"] == "served"
    assert admin.correction(first["id"])["state"] == "superseded"


def test_of_two_admins_who_accept_at_once_one_wins(demo: Demo, gateway: Gateway, asker: Person, admin: Person) -> None:
    entry = flagged(person(gateway), "please the double board")
    first = served(demo, asker, admin, "the double board", **REVENUE)
    made = admin.approve(entry, "please the double board", **ORDERS).json()
    replayed(demo, made["id"])
    assert admin.correction(made["id"])["state"] == "held"
    admins = [person(gateway, "admin") for _ in range(6)]
    together = Barrier(len(admins))

    def decide(at: int) -> int:
        together.wait()
        way = "accept" if at % 3 else "withdraw"
        return admins[at].call("POST", f"/admin/training-data/corrections/{made['id']}/{way}", {"reason": "x"}).status_code

    with ThreadPoolExecutor(len(admins)) as pool:
        codes = list(pool.map(decide, range(len(admins))))
    assert 202 in codes or 200 in codes
    assert codes.count(202) <= 1
    assert set(codes) <= {200, 202, 409}
    replayed(demo, made["id"])
    ended = admin.correction(made["id"])["state"]
    assert ended == ("withdrawn" if 200 in codes else "served")
    assert admin.correction(first["id"])["state"] == ("served" if ended == "withdrawn" else "superseded")


def test_an_acceptance_whose_replay_nobody_asked_for_is_made_up_for(demo: Demo, gateway: Gateway, asker: Person, admin: Person) -> None:
    """The gateway died between what the admin decided and the job: the worker asks within a minute, although the approval's replay was in this hour too."""
    entry = flagged(person(gateway), "please the torn board")
    served(demo, asker, admin, "the torn board", **REVENUE)
    made = admin.approve(entry, "please the torn board", **ORDERS).json()
    replayed(demo, made["id"])
    held = demo.deps.corrections.store.get(made["id"], "default")
    assert held is not None
    decided = msgspec.structs.replace(
        held, state=CorrectionState.PENDING, decided_by=admin.id, decided_at=demo.deps.clock.now(), reason="x"
    )
    assert demo.deps.corrections.store.settle(decided, before=CorrectionState.HELD)
    ask_for_what_lacks(demo.deps)
    replayed(demo, made["id"])
    assert admin.correction(made["id"])["state"] == "served"
