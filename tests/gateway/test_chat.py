"""Conversations over HTTP, on the demo business: what goes on from what, whose it is, and what is remembered."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from app.gateway import cursor as cursors
from app.gateway.schemas import chat
from app.model.ids import new_id
from app.model.principal import Role
from app.service.audit import Caller
from app.service.auth import principal_of
from app.service.conversations import converse
from app.service.scheduled import forget_old
from tests.gateway.conftest import Clock, Gateway, problem, serving
from tests.gateway.person import Person
from tests.support.demo import Demo

AMBIGUOUS = "country"


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


@pytest.fixture
def ana(shop: Gateway) -> Person:
    return Person(shop)


@pytest.fixture
def ben(shop: Gateway) -> Person:
    return Person(shop)


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["problems"]]


def test_a_question_goes_on_from_the_last_answered_one(ana: Person) -> None:
    first = ana.say("revenue in 2025 by country")
    assert (first["outcome"], first["turn"]) == ("answer", 1)
    session = first["session_id"]
    refused = ana.say("revenue by flavour", session)
    assert (refused["outcome"], refused["turn"]) == ("refuse", 2)
    onward = ana.say("and by month?", session)
    assert (onward["outcome"], onward["turn"], onward["session_id"]) == ("answer", 3, session)
    assert onward["query"]["metrics"] == ["revenue"]
    assert onward["query"]["time"]["phrase"] == first["query"]["time"]["phrase"]
    assert ana.say("and by month?")["outcome"] != "answer"


def test_the_history_holds_words_and_queries_and_no_rows(ana: Person) -> None:
    first = ana.say("revenue in 2025 by country, for ana@example.com")
    session = first["session_id"]
    ana.say("revenue in 2025 by country", session)
    page = ana.get("/chat/history", session_id=session, limit=1)
    chat.HistoryPage.model_validate(page)
    (newest,) = page["items"]
    assert (newest["turn"], newest["outcome"], newest["question"]) == (2, "answer", "revenue in 2025 by country")
    assert newest["query"]["metrics"] == ["revenue"]
    (oldest,) = ana.get("/chat/history", session_id=session, cursor=page["next_cursor"])["items"]
    assert oldest["question"] == "revenue in 2025 by country, for [EMAIL_MASKED]"
    assert oldest["query"] is None
    assert "results" not in oldest
    assert "columns" not in oldest


@pytest.mark.parametrize("path", ["/chat/history", "/versions", "/security/audit-log"])
@pytest.mark.parametrize(("number", "status"), [(2**31, 200), (2**63 - 1, 200), (2**63, 400), (2**128 - 1, 400), (0, 400)])
def test_no_number_of_a_cursor_is_a_fault_of_ours(shop: Gateway, path: str, number: int, status: int) -> None:
    person = Person(shop, Role.ADMIN)
    of_session = {"session_id": person.say("revenue in 2025")["session_id"]} if path == "/chat/history" else {}
    answer = person.call("GET", path, cursor=cursors.encode(cursors.of_number(number)), **of_session)
    assert answer.status_code == status, answer.text


def test_sessions_are_listed_newest_first_renamed_and_forgotten(ana: Person) -> None:
    ids = [ana.say("revenue in 2025")["session_id"] for _ in range(3)]
    page = ana.get("/chat/sessions", limit=2)
    chat.SessionPage.model_validate(page)
    following = ana.get("/chat/sessions", limit=2, cursor=page["next_cursor"])
    assert [one["session_id"] for one in (*page["items"], *following["items"])] == ids[::-1]
    assert following["next_cursor"] is None
    assert page["items"][0]["title"] == "revenue in 2025"
    assert ana.call("PATCH", f"/chat/sessions/{ids[0]}", {"title": "  "}).status_code == 422
    assert ana.call("PATCH", f"/chat/sessions/{ids[0]}", {"title": " Sales of a@b.example "}).json()["title"] == "Sales of [EMAIL_MASKED]"
    assert ana.call("DELETE", f"/chat/sessions/{ids[0]}").status_code == 204
    problem(ana.call("GET", "/chat/history", session_id=ids[0]), 404, "DM6060")
    problem(ana.call("POST", "/chat", {"question": "and by month?", "session_id": ids[0]}), 404, "DM6060")


def test_nobody_sees_others_conversations_nor_that_they_are(ana: Person, ben: Person, shop: Gateway) -> None:
    said = ana.say(AMBIGUOUS)
    taken, none, admin = said["session_id"], new_id("cnv"), Person(shop, Role.ADMIN)
    assert ben.get("/chat/sessions")["items"] == []
    for person in (ben, admin):
        for method, path, body in (
            ("POST", "/chat", lambda one: {"question": "revenue", "session_id": one}),
            ("POST", "/chat", lambda one: {"session_id": one, "choice": {"query_id": said["query_id"], "index": 0}}),
            ("GET", "/chat/history?session_id={}", lambda _one: None),
            ("PATCH", "/chat/sessions/{}", lambda _one: {"title": "x"}),
            ("DELETE", "/chat/sessions/{}", lambda _one: None),
        ):
            seen = [problem(person.call(method, path.format(one), body(one)), 404, "DM6060") for one in (taken, none)]
            assert [{**one, "correlation_id": "", "instance": ""} for one in seen[:1]] == [
                {**seen[1], "correlation_id": "", "instance": ""}
            ]
    assert [one["title"] for one in ana.get("/chat/sessions")["items"]] == [AMBIGUOUS]


def test_a_viewer_has_no_conversations(shop: Gateway) -> None:
    viewer = Person(shop, Role.VIEWER)
    problem(viewer.call("POST", "/chat", {"question": "revenue"}), 403, "DM7010")
    problem(viewer.call("GET", "/chat/sessions"), 403, "DM7010")
    problem(viewer.call("GET", "/chat/choices"), 403, "DM7010")


def test_two_questions_at_once_are_both_kept_in_one_order(ana: Person) -> None:
    session = ana.say("revenue in 2025")["session_id"]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda at: ana.say(f"top {at} countries by revenue", session), range(2, 6)))
    assert sorted(one["turn"] for one in said) == [2, 3, 4, 5]
    items = ana.get("/chat/history", session_id=session)["items"]
    assert [one["turn"] for one in items] == [5, 4, 3, 2, 1]
    assert {one["query_id"] for one in items} >= {one["query_id"] for one in said}


def test_a_query_that_may_not_be_asked_any_more_is_not_gone_on_from(ana: Person, demo: Demo) -> None:
    said = ana.say("revenue in 2025 by country")
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute(
            "UPDATE conversation.turns SET semantic_query = replace(semantic_query, '\"revenue\"', '\"hidden_revenue\"') WHERE query_id = %s",
            [said["query_id"]],
        )
    onward = ana.say("and by month?", said["session_id"])
    assert onward["outcome"] != "answer"
    assert "DM6061" in codes(onward)
    assert "does not go on from what was asked before" in onward["text"]
    assert "hidden_revenue" not in json.dumps({**onward, "question": ""}, default=str)
    whole = ana.say("orders in 2025", said["session_id"])
    assert (whole["outcome"], codes(whole)[0], whole["problems"][0]["severity"]) == ("answer", "DM6061", "warning")
    assert "DM6061" not in codes(ana.say("and by month?", said["session_id"]))


@contextmanager
def hidden_revenue(shop: Gateway) -> Iterator[None]:
    """For the length of the block analysts may not know of revenue any more."""
    admin, name = Person(shop, Role.ADMIN), "no_revenue_for_a_while"
    rule = {"name": name, "models": ["fct_order_lines"], "deny": True, "columns": ["net_amount"], "roles": ["analyst", "viewer"]}
    assert (made := admin.call("POST", "/data-control/policies", rule)).status_code == 201, made.text
    try:
        yield
    finally:
        headers = {**admin.headers, "If-Match": '"1"'}
        assert shop.client.delete(f"/api/v1/data-control/policies/{name}", headers=headers).status_code == 200


def test_what_is_hidden_since_is_gone_on_from_by_nobody(ana: Person, shop: Gateway) -> None:
    said = ana.say("revenue in 2025 by country")
    link = ana.call("POST", f"/answers/{said['query_id']}/share").json()["id"]
    viewer = Person(shop, Role.VIEWER)
    assert viewer.call("GET", f"/shared/{link}").status_code == 200
    with hidden_revenue(shop):
        onward = ana.say("and by month?", said["session_id"])
        assert (onward["outcome"] != "answer", codes(onward)[0]) == (True, "DM6061")
        for answer in (onward, problem(viewer.call("GET", f"/shared/{link}"), 403, "DM6067")):
            assert "revenue" not in json.dumps({**answer, "choices": []}, default=str).lower()
        asked = ana.call("POST", "/ask", {"question": "and by month?", "context": {"previous": said["query"]}}).json()
        assert "DM6061" in codes(asked)
    assert ana.say("and by month?", said["session_id"])["query"]["metrics"] == ["revenue"]
    assert viewer.call("GET", f"/shared/{link}").status_code == 200


def test_what_named_personal_data_is_not_gone_on_from(ana: Person) -> None:
    query = {"metrics": ["revenue"], "where": ["customer__country = 'ana@example.com'"]}
    answered = ana.call("POST", "/query", query).json()
    put = ana.call("POST", "/chat", {"semantic_query": answered["query"]}).json()
    assert put["outcome"] == "answer"
    onward = ana.say("and by month?", put["session_id"])
    assert "DM6061" in codes(onward)
    assert "it named personal data, which is not kept" in onward["text"]
    items = ana.get("/chat/history", session_id=put["session_id"])["items"]
    assert "ana@example.com" not in json.dumps(items)
    assert items[-1]["outcome"] == "answer"
    assert items[-1]["query"] is None, "asked again, what is left of it would be another question"


def test_a_conversation_that_is_full_takes_no_more(ana: Person, demo: Demo) -> None:
    said = ana.say("revenue in 2025")
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute("UPDATE conversation.conversations SET turns = 1000 WHERE id = %s", [said["session_id"]])
    problem(ana.call("POST", "/chat", {"question": "orders", "session_id": said["session_id"]}), 409, "DM6064")


def test_a_person_keeps_so_many_conversations_and_for_so_long(ana: Person, demo: Demo) -> None:
    few = replace(demo.deps, talk=replace(demo.deps.talk, most=2))
    who = demo.deps.people.users.by_id(ana.id)
    assert who is not None
    ids = [converse(few, Caller(principal_of(who), "rest"), "orders in 2025").conversation_id for _ in range(3)]
    assert [one["session_id"] for one in ana.get("/chat/sessions")["items"]] == ids[:0:-1]
    ana.take(ana.say(AMBIGUOUS), 0)
    for days, kept in ((89, (3, 1)), (91, (0, 0))):
        forget_old(replace(demo.deps, clock=Clock(dt.timedelta(days=days))))
        assert (len(ana.get("/chat/sessions")["items"]) >= kept[0], len(ana.get("/chat/choices")["items"])) == (True, kept[1])
    assert ana.get("/chat/sessions")["items"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"question": "revenue", "choice": {"query_id": new_id("qry"), "index": 0}, "session_id": new_id("cnv")},
     {"choice": {"query_id": new_id("qry"), "index": 0}}, {"question": "x" * 10_001}, {"question": "revenue", "session_id": "cnv_x"}],
)  # fmt: skip
def test_a_body_that_says_nothing_or_too_much(ana: Person, body: dict[str, Any]) -> None:
    problem(ana.call("POST", "/chat", body), 422, "DM7031")


def test_a_choice_is_answered_and_remembered_for_the_same_question_alone(ana: Person, ben: Person) -> None:
    back = ana.say(AMBIGUOUS)
    assert back["outcome"] == "clarify"
    at = next(number for number, one in enumerate(back["choices"]) if one["text"] == "Active customers by country")
    taken = ana.take(back, at)
    assert (taken["outcome"], taken["turn"], taken["question"]) == ("answer", 2, AMBIGUOUS)
    assert taken["query"]["metrics"] == ["active_customers"]
    again = ana.say("  Country? ")
    assert (again["outcome"], again["query"]) == ("answer", taken["query"])
    assert [(one["code"], one["severity"]) for one in again["problems"]] == [("DM6063", "note")]
    assert "“Active customers by country”" in again["problems"][0]["message"]
    asked = ana.call("POST", "/ask", {"question": AMBIGUOUS}).json()
    assert (asked["outcome"], asked["query"]) == ("answer", taken["query"])
    assert ana.say(AMBIGUOUS, anew=True)["outcome"] == "clarify"
    assert ana.say(AMBIGUOUS, again["session_id"], anew=True)["outcome"] == "clarify", "it does not go on from its own answer"
    assert ana.call("POST", "/ask", {"question": AMBIGUOUS, "context": {"anew": True}}).json()["outcome"] == "clarify"
    assert ben.say(AMBIGUOUS)["outcome"] == "clarify"
    assert ben.get("/chat/choices")["items"] == []


def test_a_remembered_choice_is_taken_back(ana: Person, ben: Person) -> None:
    ana.take(ana.say(AMBIGUOUS), 0)
    page = ana.get("/chat/choices")
    chat.RememberedPage.model_validate(page)
    (kept,) = page["items"]
    assert (kept["question"], kept["chosen"]) == (AMBIGUOUS, ana.say(AMBIGUOUS)["restated"])
    problem(ben.call("DELETE", f"/chat/choices/{kept['id']}"), 404, "DM6068")
    assert ana.call("DELETE", f"/chat/choices/{kept['id']}").status_code == 204
    assert ana.say(AMBIGUOUS)["outcome"] == "clarify"
    ana.take(ana.say(AMBIGUOUS), 0)
    assert ana.call("DELETE", "/chat/choices").status_code == 204
    assert ana.say(AMBIGUOUS)["outcome"] == "clarify"


def test_a_choice_does_not_outlive_the_readings_that_it_was_one_of(ana: Person, demo: Demo) -> None:
    ana.take(ana.say(AMBIGUOUS), 0)
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute("UPDATE conversation.choices SET options = 'other readings' WHERE user_id = %s", [ana.id])
    assert ana.say(AMBIGUOUS)["outcome"] == "clarify"


def test_only_an_option_that_was_offered_can_be_taken(ana: Person) -> None:
    back, answered = ana.say(AMBIGUOUS), ana.say("revenue in 2025")
    for session, query_id, index in (
        (back["session_id"], back["query_id"], len(back["choices"])),
        (back["session_id"], answered["query_id"], 0),
        (answered["session_id"], answered["query_id"], 0),
    ):
        body = {"session_id": session, "choice": {"query_id": query_id, "index": index}}
        problem(ana.call("POST", "/chat", body), 404, "DM6062")
    assert ana.get("/chat/choices")["items"] == []


def test_a_query_goes_on_the_conversation_too(ana: Person) -> None:
    first = ana.say("revenue in 2025 by country")
    body = {"semantic_query": {**first["query"], "metrics": ["orders"]}, "session_id": first["session_id"]}
    put = ana.call("POST", "/chat", body).json()
    assert (put["outcome"], put["turn"], put["question"]) == ("answer", 2, "")
    assert ana.say("and by month?", first["session_id"])["query"]["metrics"] == ["orders"]
    alone = ana.call("POST", "/chat", {"semantic_query": first["query"]}).json()
    assert alone["turn"] == 1
    assert ana.get("/chat/sessions", limit=1)["items"][0]["title"] == alone["restated"]
    problem(ana.call("POST", "/chat", {"semantic_query": {"metrics": 1}}), 422, "DM7031")


def test_a_client_without_sessions_goes_on_by_the_query_before(ana: Person) -> None:
    first = ana.call("POST", "/ask", {"question": "revenue in 2025 by country"}).json()
    onward = ana.call("POST", "/ask", {"question": "and by month?", "context": {"previous": first["query"]}}).json()
    assert (onward["outcome"], onward["query"]["metrics"]) == ("answer", ["revenue"])
    gone = {**first["query"], "metrics": ["no_such_metric"]}
    told = ana.call("POST", "/ask", {"question": "orders in 2025", "context": {"previous": gone}}).json()
    assert (told["outcome"], codes(told)) == ("answer", ["DM6061"])
    problem(ana.call("POST", "/ask", {"question": "and by month?", "context": {"previous": {"metrics": 1}}}), 422, "DM7031")
