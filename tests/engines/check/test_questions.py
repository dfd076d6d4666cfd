"""Golden questions of a project in a pull request: read by both sides, and with `--numbers` answered by both."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.errors import Problem, UserError
from app.language.interpret import interpret
from app.model.answer import Outcome as Reads
from app.model.moment import Moment
from app.model.principal import Role
from app.service.check.comment import comment
from app.service.check.outcome import Outcome
from app.service.check.questions import questions
from app.service.check.run import Checked
from app.service.check.subject import Ask, Numbers, Questions, Read, Subject, Wanted
from app.service.serving import serving_of
from app.wiring.check import asking
from tests.engines.check.conftest import FILTER, METRICS, Check, Two, body, of
from tests.support.demo import Demo
from tests.support.pull_request import Clone, change

TODAY = dt.date(2026, 7, 1)
ASKED = (
    {"id": "1", "question": "revenue last month", "today": "2026-07-01", "kind": "answerable", "metrics": ["revenue"]},
    {"id": "2", "question": "cancelled orders last month", "today": "2026-07-01", "kind": "answerable", "metrics": ["cancelled_orders"]},
    {"id": "3", "question": "paid orders", "kind": "unanswerable", "context": ["revenue last month"]},
)


def lines(*asked: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in asked)


def test_what_is_read_otherwise_is_told_at_its_line(repo: Clone, check: Check) -> None:
    change(repo)
    repo.write("questions.jsonl", lines(*ASKED))
    file = repo.root.parent / "comment.md"
    ended = check("--base", "main", "--json", "--fail-on", "none", "--comment", str(file))
    assert ended.code == 0
    found = of(ended, "questions")
    assert (found["state"], found["said"]) == ("passed", "2 of 3 questions read otherwise")
    places = [(one["code"], one["severity"], one["file"], one["line"]) for one in found["problems"]]
    assert places == [("DM6052", "warning", "the project/questions.jsonl", 2), ("DM6052", "warning", "the project/questions.jsonl", 3)]
    gone, come = found["result"]["changed"]
    assert (gone["before"]["outcome"], gone["after"]["outcome"]) == ("answer", "refuse")
    assert gone["before"]["query"]["metrics"] == ["cancelled_orders"]
    assert (come["before"]["outcome"], come["after"]["query"]["metrics"]) == ("refuse", ["paid_orders"])
    assert {one[side]["rows"] for one in (gone, come) for side in ("before", "after")} == {None}
    text = file.read_text()
    assert "| questions | ✅ passed | 2 of 3 questions read otherwise |" in text
    assert "| cancelled orders last month | Cancelled orders, 1 Jun 2026 to 30 Jun 2026 | refused: " in text
    github = check("--base", "main", "--fail-on", "none", "--format", "github").out
    assert (
        "::warning file=the project/questions.jsonl,line=2,title=DM6052::“cancelled orders last month” is read otherwise: before" in github
    )
    assert '"ruleId": "DM6052"' in check("--base", "main", "--fail-on", "none", "--format", "sarif").out


def test_a_change_that_says_nothing_else(repo: Clone, check: Check) -> None:
    repo.write("questions.jsonl", lines(*ASKED))
    repo.edit("models/models.yml", "One row an order.", "A row an order.")
    found = of(check("--base", "main", "--json"), "questions")
    assert (found["said"], found["problems"], found["result"]["changed"]) == ("0 of 3 questions read otherwise", [], [])
    assert of(check("--json"), "questions")["state"] == "skipped"


def test_files(repo: Clone, check: Check) -> None:
    assert "questions" not in [one["name"] for one in body(check("--base", "main", "--json"))["checks"]]
    absent = check("--base", "main", "--json", "--questions", "absent.jsonl")
    assert (absent.code, body(absent)["problems"][0]["code"]) == (2, "DM6050")
    repo.write("golden/mine.jsonl", lines(ASKED[0], ASKED[0] | {"kind": "odd"}))
    wrong = check("--base", "main", "--json", "--questions", "golden/mine.jsonl")
    found = of(wrong, "questions")
    assert (wrong.code, found["state"], found["said"]) == (1, "failed", "could not be made")
    assert [(one["code"], one["file"], one["line"]) for one in found["problems"]] == [("DM6050", "the project/golden/mine.jsonl", 2)]


def asked(
    demo: Demo, old: Read, new: Read, *golden: str, most: int = 20, numbers: bool = True, role: Role = Role.ADMIN, **attributes: str
) -> Outcome:
    """The outcome of the check on the demo's warehouse."""
    caller = demo.caller(role, **attributes)

    @contextmanager
    def opened() -> Iterator[Ask]:
        yield asking(demo.deps, caller, "postgres")

    content = lines(*({"id": text, "question": text, "kind": "answerable", "metrics": ["x"]} for text in golden)).encode()
    now = dt.datetime.now(dt.UTC)
    wanted = Questions("questions.jsonl", content, caller.principal, lambda today: Moment(now, today or TODAY))
    subject = Subject(Two(old, new), Wanted(questions=wanted, numbers=Numbers(opened, most, f"role {role}") if numbers else None))
    found = questions(subject)
    assert found is not None
    return found


def changed(found: Outcome) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in found.body["changed"]}


def test_answers_before_and_after(demo: Demo, old: Read, filtered: Read) -> None:
    found = asked(demo, old, filtered, "revenue in June 2026", "orders in June 2026", "how many employees are there?")
    assert found.said == "0 of 3 questions read otherwise, 1 of 2 answered otherwise, as role admin"
    (only,) = changed(found).values()
    assert (only["id"], only["read_otherwise"], only["answered_otherwise"]) == ("revenue in June 2026", False, True)
    assert only["before"]["rows"][0][0] > only["after"]["rows"][0][0] > 0
    (problem,) = (one.problem for one in found.found)
    assert "is answered otherwise: before Revenue, 1 Jun 2026 to 30 Jun 2026: 1 row (" in problem.message
    assert "| revenue in June 2026 | Revenue, 1 Jun 2026 to 30 Jun 2026: 1 row (" in comment(Checked((found,)))


def test_those_that_may_differ_come_first(demo: Demo, old: Read, filtered: Read) -> None:
    found = asked(demo, old, filtered, "orders in June 2026", "revenue in June 2026", most=1)
    assert (list(changed(found)), found.body["executed"]) == (["revenue in June 2026"], 1)


def test_each_sees_their_own_rows(demo: Demo, old: Read, filtered: Read) -> None:
    everything = changed(asked(demo, old, filtered, "revenue"))["revenue"]["before"]["rows"]
    some = changed(asked(demo, old, filtered, "revenue", role=Role.ANALYST, region="DACH"))["revenue"]["before"]["rows"]
    assert some[0][0] < everything[0][0]


def test_the_warehouse_gives_words_only_where_it_is_asked(demo: Demo, old: Read, filtered: Read) -> None:
    """A city is known of the warehouse alone."""
    layer, caller, now = demo.deps.serving.layer(), demo.caller(), dt.datetime.now(dt.UTC)
    views = (asking(demo.deps, caller, "postgres").view(layer), serving_of(layer).view(caller.principal))
    known, unknown = (interpret("revenue in Cardiff", view.lexicon, view.visible, view.joins, Moment(now, TODAY)) for view in views)
    assert (known.outcome is Reads.REFUSE, unknown.outcome) == (False, Reads.REFUSE)
    assert "--numbers" in asked(demo, old, filtered, "revenue", numbers=False).body["note"]


def test_nothing_is_asked_before_a_change_of_rights_is_agreed_to(demo: Demo, old: Read, parsed) -> None:
    opened = ("models/marts/sales/sales.yml", 'filter: "region = user.region"', 'filter: "true"')
    new = parsed("questions opened", (METRICS, "      measure: net_amount\n", FILTER), opened, opened)
    found = asked(demo, old, new, "revenue in June 2026", role=Role.ANALYST, region="DACH")
    assert found.body["executed"] == 0
    assert "protection is changed" in found.body["note"]


def test_a_warehouse_that_is_away_fails_nothing(demo: Demo, old: Read, filtered: Read) -> None:
    @contextmanager
    def opened() -> Iterator[Ask]:
        raise UserError(Problem("DM5001", "the engine is down"))
        yield

    content = lines(ASKED[0]).encode()
    wanted = Questions("q.jsonl", content, demo.caller().principal, lambda _today: Moment(dt.datetime.now(dt.UTC), TODAY))
    found = questions(Subject(Two(old, filtered), Wanted(questions=wanted, numbers=Numbers(opened, 20, "role admin"))))
    assert found is not None
    assert (found.state, found.body["note"], found.body["executed"]) == ("passed", "DM5001 the engine is down", 0)
