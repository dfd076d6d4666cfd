"""Who may decide what of a flagged answer, and what becomes of it; over HTTP, on a real store."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import msgspec
import psycopg

from app.language.corrections import Approved, ApprovedPairs
from app.model.answer import Outcome
from app.model.principal import Role
from app.model.query import SemanticQuery
from app.model.versions import Candidate, Cause
from app.pipeline.interpret import interpret
from app.pipeline.turn import Turn
from app.ports import Clock
from app.service.drafting import recalled
from app.service.kept_code import KeptCode
from app.service.publishing import against, served_now
from app.service.replay_job import ask_for_what_lacks
from app.service.training import retrieve
from app.service.verdict import Verdict, foretold, refusal
from tests.engines.feedback.conftest import Person, flagged, person, replayed, served
from tests.gateway.conftest import Gateway, problem
from tests.support.demo import Demo

REVENUE = {"metrics": ["revenue"], "group_by": ["customer__country"]}
ORDERS = {"metrics": ["orders"], "group_by": ["customer__country"]}


class _InAnHour:
    """A clock that is an hour ahead of another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> dt.datetime:
        return self._clock.now() + dt.timedelta(hours=1)


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


def without_policy(demo: Demo, admin: Person, name: str) -> None:
    """Take a policy away again, and see that it is gone: what it guards is a word for nobody."""
    path = f"/data-control/policies/{name}"
    tag = admin.call("GET", path).headers["etag"]
    headers = {"Authorization": f"Bearer {admin.token}", "If-Match": tag}
    gone = admin.gateway.client.request("DELETE", f"/api/v1{path}", headers=headers)
    assert gone.status_code == 200, gone.text
    demo.deps.serving.expire_policies()


def test_a_double_click_is_one_flag(asker: Person, admin: Person) -> None:
    query_id = asker.ask("orders in June 2026")["query_id"]
    with ThreadPoolExecutor(8) as pool:
        entries = set(pool.map(lambda rating: asker.flag(query_id, rating), [1] * 8))
    assert len(entries) == 1
    assert asker.flag(query_id, 5) in entries  # a change of mind is the same entry, and nobody has to look at it any more
    listed = admin.call("GET", "/admin/training-data", limit=200).json()["items"]
    assert not entries & {one["id"] for one in listed}
    noted = admin.call("GET", "/admin/training-data", tag="noted", limit=200).json()["items"]
    assert entries <= {one["id"] for one in noted}


def test_the_trail_names_the_entry_that_there_is(demo: Demo, asker: Person) -> None:
    """Who says it again changes their entry: the id that was made for another is nobody's."""
    query_id = asker.ask("orders in May 2026")["query_id"]
    first = asker.flag(query_id)
    again = asker.call("POST", "/feedback/flag", {"query_id": query_id, "comment": "still", "rating": 2}).json()
    with psycopg.connect(demo.servers.store) as connection:
        events = connection.execute("SELECT details FROM audit.audit_log WHERE correlation_id = %s", [again["correlation_id"]]).fetchall()
    named = [json.loads(details).get("feedback_id") for (details,) in events]
    assert (again["feedback_id"], {*named} - {None}) == (first, {first})


def test_personal_data_in_a_comment_is_not_kept_and_the_person_is_told(demo: Demo, asker: Person, admin: Person) -> None:
    said = {
        "query_id": asker.ask("orders in May 2026")["query_id"],
        "rating": 1,
        "comment": "ask john.smith@example.org, phone +49 30 901820, why",
    }
    told = asker.call("POST", "/feedback/flag", said).json()
    assert told["message"] == "thank you: an admin will look at it; what looks like personal data in the comment was not kept"
    kept = demo.deps.feedback.get(told["feedback_id"], "default")
    assert kept is not None
    assert kept.comment == "ask [EMAIL_MASKED], phone [PHONE_MASKED], why"
    shown = admin.call("GET", "/admin/training-data", limit=200)
    assert "john.smith" not in shown.text
    assert "[EMAIL_MASKED]" in shown.text
    again = asker.call("POST", "/feedback/flag", {**said, "comment": "it counts cancelled orders"}).json()
    assert again["message"] == "thank you: an admin will look at it"
    assert again["feedback_id"] == told["feedback_id"]


def test_of_two_admins_at_once_one_wins(gateway: Gateway, asker: Person) -> None:
    entry = flagged(asker, "income by country")
    admins = [person(gateway, "admin") for _ in range(6)]
    together = Barrier(len(admins))

    def decide(at: int) -> tuple[int, str]:
        together.wait()
        if at % 2:
            told = admins[at].call("POST", "/admin/training-data/reject", {"flagged_entry_id": entry, "reason": "it is right"})
        else:
            told = admins[at].approve(entry, "income by country", **REVENUE)
        return told.status_code, told.json().get("code", "")

    with ThreadPoolExecutor(len(admins)) as pool:
        told = list(pool.map(decide, range(len(admins))))
    assert sorted(status for status, _ in told) in ([200] + [409] * 5, [202] + [409] * 5)
    assert {code for status, code in told if status == 409} == {"DM6073"}


def test_nobody_decides_of_their_own(gateway: Gateway, demo: Demo, asker: Person, admin: Person) -> None:
    own = flagged(admin, "orders by country")
    problem(admin.approve(own, "orders by country", **REVENUE), 403, "DM6074")
    problem(admin.call("POST", "/admin/training-data/reject", {"flagged_entry_id": own, "reason": "no"}), 403, "DM6074")
    twin = person(gateway, "admin", **{"person": "4711"})
    analyst = person(gateway, "analyst", **{"person": "4711"})
    problem(twin.approve(flagged(analyst, "orders by country"), "orders by country", **REVENUE), 403, "DM6074")
    asked = asker.ask("orders by country")["query_id"]
    theirs = admin.flag(asked)  # an admin who flags another's answer does not correct it either
    problem(admin.approve(theirs, "orders by country", **REVENUE), 403, "DM6074")
    assert person(gateway, "admin").approve(theirs, "what about our orders by country", **ORDERS).status_code == 202
    del demo


def test_what_the_asker_may_not_see_is_no_correction(gateway: Gateway, admin: Person, asker: Person) -> None:
    entry = flagged(asker, "addresses of customers")
    body = problem(admin.approve(entry, "addresses of customers", metrics=["no_such_metric"]), 422, "DM6075")
    assert len(body["problems"]) > 1
    assert admin.call("GET", "/admin/training-data", limit=200).json()["items"][0]["status"] == "flagged_for_review"
    problem(admin.approve(entry, "what did john.smith@example.org order", **ORDERS), 422, "DM6076")
    both = {"flagged_entry_id": entry, "question": "x y", "corrected_query": ORDERS, "corrected_sql": "select 1", "source": "postgres"}
    problem(admin.call("POST", "/admin/training-data/approve", both), 422, "DM6076")
    aimed = {"flagged_entry_id": entry, "question": "x y", "corrected_query": ORDERS, "source": "postgres"}
    problem(admin.call("POST", "/admin/training-data/approve", aimed), 422, "DM6076")
    problem(admin.approve(entry, "x y", **ORDERS, comments=True), 422, "DM7031")
    problem(admin.approve(entry, "x y", **ORDERS, semantic_query=ORDERS), 422, "DM7031")
    hidden = {"flagged_entry_id": entry, "question": "x y", "corrected_sql": "select * from pg_catalog.pg_user", "source": "postgres"}
    problem(admin.call("POST", "/admin/training-data/approve", hidden), 422, "DM6075")


def test_older_paths_lead_to_the_one_place(gateway: Gateway, admin: Person, asker: Person) -> None:
    headers = {"Authorization": f"Bearer {admin.token}"}
    moved = gateway.client.get("/admin/training-data?tag=rejected", headers=headers)
    assert (moved.status_code, moved.headers["location"]) == (308, "/api/v1/admin/training-data?tag=rejected")
    body = {"flagged_entry_id": flagged(asker, "orders by month"), "reason": "it is right"}
    told = gateway.client.post("/admin/training-data/reject", json=body, headers=headers, follow_redirects=True)
    assert (told.status_code, told.json()["status"]) == (200, "rejected")


def test_a_correction_of_a_corrected_answer_takes_its_place(demo: Demo, asker: Person, other: Person, admin: Person) -> None:
    first = served(demo, asker, admin, "the old board", **REVENUE)
    entry = flagged(other, "the old board")
    demo.deps.corrections.store.mark_broken("default", first["id"], "as a replay found")
    made = admin.approve(entry, "the old board", **ORDERS).json()
    replayed(demo, made["id"])
    second, first = admin.correction(made["id"]), admin.correction(first["id"])
    assert (second["state"], first["state"]) == ("served", "superseded")
    assert first["broken"] == "as a replay found"  # what was not asked again is said nothing new of
    assert asker.ask("the old board")["query"]["metrics"] == ["orders"]


def test_a_correction_of_other_words_takes_no_place_unseen(demo: Demo, asker: Person, other: Person, admin: Person) -> None:
    """What was approved for June answered for May too; whoever corrects May has said nothing of June."""
    june = {"start_time": "2026-06-01", "end_time": "2026-06-30"}
    may = {"start_time": "2026-05-01", "end_time": "2026-05-31"}
    first = served(demo, asker, admin, "the night board in June 2026", metrics=["revenue"], **june)
    second = served(demo, other, admin, "the night board in May 2026", metrics=["orders"], **may)
    assert second["state"] == "held"
    assert first["id"] in {one["correction_id"] for one in second["differences"]}
    assert admin.correction(first["id"])["state"] == "served"
    assert asker.ask("the night board in June 2026")["query"]["metrics"] == ["revenue"]


def test_a_correction_can_be_taken_back_where_the_answer_was_flagged_again(demo: Demo, asker: Person, admin: Person) -> None:
    query_id = asker.ask("the lone board")["query_id"]
    made = admin.approve(asker.flag(query_id), "the lone board", **REVENUE).json()
    replayed(demo, made["id"])
    again = asker.flag(query_id)
    told = admin.call("POST", f"/admin/training-data/corrections/{made['id']}/withdraw", {"reason": "a mistake"})
    assert (told.status_code, told.json()["state"]) == (200, "withdrawn")
    entries = admin.call("GET", "/admin/training-data", limit=200).json()["items"]
    assert [one["id"] for one in entries if one["query_id"] == query_id] == [again]


def test_a_replay_that_was_given_up_is_asked_for_again(demo: Demo, asker: Person, admin: Person) -> None:
    made = admin.approve(flagged(asker, "the late board"), "the late board", **REVENUE).json()

    def asked_for() -> int:
        return sum(made["id"] in job.arguments for job in demo.deps.jobs.page("default", ("queued",), "", 200))

    before = asked_for()
    ask_for_what_lacks(dataclasses.replace(demo.deps, clock=_InAnHour(demo.deps.clock)))
    assert asked_for() == before + 1
    replayed(demo, made["id"])
    assert admin.correction(made["id"])["state"] == "served"


def test_a_layer_that_answers_an_approved_question_otherwise_is_held(demo: Demo, asker: Person, admin: Person) -> None:
    made = served(demo, asker, admin, "the visit board", metrics=["sessions"])
    assert made["state"] == "served"
    layer = demo.deps.serving.layer()
    same = against(demo.deps, layer, KeptCode(), {}, *served_now(demo.deps))
    assert same is not None
    assert not same.holds(force=False)
    kept = tuple(one for one in layer.ontology.metrics if one.name != "sessions")
    less = msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, metrics=kept))
    verdict = against(demo.deps, less, KeptCode(), {}, *served_now(demo.deps))
    assert verdict is not None
    assert made["id"] in {one.correction_id for one in verdict.regressed}
    assert Cause.REPLAY in verdict.causes
    alone = Verdict(verdict.report, regressed=verdict.regressed)
    assert (alone.holds(force=False), alone.holds(force=True)) == (True, False)
    told = refusal(alone, Candidate("cnd_1", "default", "a", "b", "c", demo.deps.clock.now(), "me"))
    assert [one.code for one in told.problems][:2] == ["DM8026", "DM8027"]
    assert [one.code for one in foretold(alone, force=False)] == ["DM8026"]


def test_a_replay_that_comes_twice_changes_nothing(demo: Demo, asker: Person, admin: Person) -> None:
    made = served(demo, asker, admin, "the small board", **REVENUE)
    before = admin.correction(made["id"])
    replayed(demo, made["id"])
    assert admin.correction(made["id"]) == before


def test_who_may_not_see_the_query_is_answered_as_before(demo: Demo, gateway: Gateway, asker: Person, admin: Person) -> None:
    made = served(demo, asker, admin, "the country board", **REVENUE)
    assert made["state"] == "served"
    assert "DM6070" in codes(asker.ask("the country board"))
    policy = {"name": "no_countries", "deny": True, "columns": ["dim_customers.country"], "groups": ["blind"]}
    created = admin.call("POST", "/data-control/policies", policy)
    assert created.status_code == 201, created.text
    demo.deps.serving.expire_policies()
    who, address = gateway.person(Role.ANALYST, groups=("blind",), attributes=(("region", "DACH"),))
    blind = Person(gateway, who, str(gateway.login(address)["access_token"]))
    assert "DM6070" not in codes(blind.ask("the country board"))
    without_policy(demo, admin, "no_countries")


def test_sql_is_there_for_nobody_who_may_not_send_it(demo: Demo, gateway: Gateway, asker: Person, admin: Person) -> None:
    """Its text would name what is hidden from them, in the refusal and in their query log."""
    question = "the nation board in rows"
    sql = "select country, count(*) as n from marts.dim_customers group by country"
    body = {"flagged_entry_id": flagged(asker, question), "question": question, "corrected_sql": sql, "source": "postgres"}
    made = admin.call("POST", "/admin/training-data/approve", body)
    assert made.status_code == 202, made.text
    replayed(demo, made.json()["id"])
    assert admin.correction(made.json()["id"])["state"] == "served"
    assert "DM6079" in codes(asker.ask(question))
    policy = {"name": "no_nations", "deny": True, "columns": ["dim_customers.country"], "groups": ["unseeing"]}
    assert admin.call("POST", "/data-control/policies", policy).status_code == 201
    demo.deps.serving.expire_policies()
    who, address = gateway.person(Role.ANALYST, groups=("unseeing",), attributes=(("region", "DACH"),))
    unseeing = Person(gateway, who, str(gateway.login(address)["access_token"]))
    told = unseeing.call("POST", "/ask", {"question": question})
    assert told.status_code == 200, told.text
    assert "DM6070" not in codes(told.json())
    assert "dim_customers" not in told.text
    without_policy(demo, admin, "no_nations")


def test_a_question_that_goes_on_is_no_pair_where_it_is_asked_back(demo: Demo) -> None:
    """`Which one had the most` means something after two figures, and nothing alone."""
    deps, caller = demo.deps, demo.caller()
    question = "which one had the most?"
    pairs = ApprovedPairs((Approved("apr_1", question, SemanticQuery(metrics=("sessions",)), deps.calendar.moment(deps.clock).today),))
    stage = dataclasses.replace(deps.stage, corrections=lambda: pairs, akin=None)
    view, moment = deps.serving.view(caller.principal), deps.calendar.moment(deps.clock)

    def asked(text: str, previous: SemanticQuery | None) -> Turn:
        return interpret(Turn("qry_1", caller.principal, moment, view, question=text, previous=previous), stage)

    first = asked("revenue and orders by country", None)
    after = asked(question, first.query)
    assert after.reading is not None
    assert (after.reading.outcome, len(after.reading.choices)) == (Outcome.CLARIFY, 2)
    assert asked(question, None).query == SemanticQuery(metrics=("sessions",))


def test_a_flagged_pair_is_left_out_of_training_at_once(demo: Demo, asker: Person, admin: Person) -> None:
    question = "heads per nation board"
    served(demo, asker, admin, question, **REVENUE)
    view = demo.deps.serving.view(demo.caller().principal)

    def known() -> bool:
        return any(item.question == question for item in retrieve(demo.deps, view, question).question_sql)

    def shown() -> bool:
        return any(one.question == question for one in recalled(demo.deps, view, question).exemplars)

    assert known()
    assert shown(), "a language model is shown what was approved"
    entry = flagged(asker, question)
    assert not known()
    assert not shown()
    admin.call("POST", "/admin/training-data/reject", {"flagged_entry_id": entry, "reason": "it is right"})
    assert known()
    assert admin.approve(flagged(asker, question), question, **ORDERS).status_code == 202
    assert not known(), "what was corrected is wrong before its correction answers"
    assert not shown()


def test_sql_answers_what_no_metric_does_and_says_so(demo: Demo, asker: Person, other: Person, admin: Person) -> None:
    question = "how many rows has the orders table"
    sql = "select count(*) as n from marts.fct_orders"
    body = {"flagged_entry_id": flagged(asker, question), "question": question, "corrected_sql": sql, "source": "postgres"}
    made = admin.call("POST", "/admin/training-data/approve", body)
    assert made.status_code == 202, made.text
    replayed(demo, made.json()["id"])
    assert admin.correction(made.json()["id"])["state"] == "served"
    answer = other.ask(question)
    assert answer["outcome"] == "answer"
    assert {"DM6070", "DM6079"} <= set(codes(answer))
    direct = other.call("POST", "/sql/execute", {"sql": sql, "source": "postgres"})

    assert answer["results"] == [{"n": 718}]
    assert answer["results"] == direct.json()["results"]


def test_two_that_were_approved_otherwise_are_asked_about(demo: Demo, asker: Person, admin: Person) -> None:
    """The gate holds such a pair; where both came to answer all the same, nobody chooses for the person."""
    first = served(demo, asker, admin, "the twin board", **REVENUE)
    kept = demo.deps.corrections.store.get(first["id"], "default")
    assert kept is not None
    other_query = SemanticQuery.from_json(kept.query)
    twin = msgspec.structs.replace(
        kept, id="apr_" + "f" * 32, query=msgspec.structs.replace(other_query, metrics=("orders",)).canonical().decode()
    )
    entry = demo.deps.feedback.get(kept.feedback_id, "default")
    assert entry is not None
    assert demo.deps.corrections.store.approve(twin, entry, before="approved")
    demo.deps.corrections.held.expire()
    answer = asker.ask("the twin board")
    assert (answer["outcome"], codes(answer)) == ("clarify", ["DM6071"])
    assert {tuple(choice["query"]["metrics"]) for choice in answer["choices"]} == {("revenue",), ("orders",)}
    assert admin.call("POST", f"/admin/training-data/corrections/{twin.id}/withdraw", {"reason": "of no use"}).status_code == 200
    assert asker.ask("the twin board")["query"]["metrics"] == ["revenue"]
