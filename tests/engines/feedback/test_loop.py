"""Flag → review → approve → replay → a better answer, over HTTP and by a real worker."""

from __future__ import annotations

from pathlib import Path

from app.model.corrections import CorrectionState
from tests.engines.feedback.conftest import Person, worker
from tests.gateway.conftest import problem, wait_until
from tests.support.demo import Demo

QUESTION = "takings by country in June 2026"
AGAIN = "show me the takings per country for June 2026, please"
SIBLING = "takings by country in May 2026"
NEIGHBOUR = "revenue by country in June 2026"


def test_the_loop_ends_in_a_better_answer(demo: Demo, asker: Person, other: Person, admin: Person, tmp_path: Path) -> None:
    before = asker.ask(QUESTION)
    neighbour = asker.ask(NEIGHBOUR)
    entry = asker.flag(before["query_id"])

    listed = admin.call("GET", "/admin/training-data", tag="flagged-for-review").json()["items"]
    found = next(one for one in listed if one["id"] == entry)
    assert (found["question"], found["comment"], found["asked_by"]) == (QUESTION, "that is not what I mean", asker.id)
    assert found["age_seconds"] >= 0

    query = {"metrics": ["gross_profit"], "group_by": ["customer__country"], "start_time": "2026-06-01", "end_time": "2026-06-30"}
    approved = admin.approve(entry, QUESTION, **query)
    assert approved.status_code == 202, approved.text
    made = approved.json()
    assert made["state"] == "pending"
    assert asker.ask(QUESTION)["results"] == before["results"]  # nothing answers before the replay

    with worker(demo, tmp_path / "worker.log"):
        wait_until(lambda: admin.correction(made["id"])["state"] != CorrectionState.PENDING, 180)
    assert admin.correction(made["id"])["state"] == CorrectionState.SERVED
    demo.deps.corrections.held.expire()

    gold = asker.call("POST", "/query", query).json()
    assert gold["results"] != before["results"]
    for who, question in ((asker, QUESTION), (other, QUESTION), (other, AGAIN)):
        answer = who.ask(question)
        assert answer["outcome"] == "answer", answer
        assert answer["results"] == gold["results"]
        assert "DM6070" in [one["code"] for one in answer["problems"]]
    may = {**query, "start_time": "2026-05-01", "end_time": "2026-05-31"}
    assert other.ask(SIBLING)["results"] == asker.call("POST", "/query", may).json()["results"]
    assert other.ask(NEIGHBOUR)["results"] == neighbour["results"]
    assert "DM6070" not in [one["code"] for one in other.ask(NEIGHBOUR)["problems"]]
    note = next(one for one in admin.ask(QUESTION)["problems"] if one["code"] == "DM6070")
    assert admin.id in note["message"]
    assert admin.id not in str(asker.ask(QUESTION)["problems"])

    again = asker.ask(QUESTION)
    flagged = asker.flag(again["query_id"])
    subject = demo.deps.feedback.get(flagged, "default")
    assert subject is not None
    assert subject.subject == f"correction.{made['id']}"
    problem(admin.approve(entry, QUESTION, **query), 409, "DM6073")
