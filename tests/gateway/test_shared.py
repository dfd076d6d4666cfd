"""Answers that are shared by a link: each opens them as themselves."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from app.errors import UserError
from app.gateway.schemas.shared import OpenedReply, SharedPage, SharedReply
from app.model.conversations import SharedAnswer
from app.model.ids import new_id
from app.model.principal import Role
from app.ports.audit import AuditFilter
from app.service.audit import Caller
from app.service.auth import principal_of
from app.service.personal_data import forget
from app.service.sharing import share
from tests.gateway.conftest import Clock, Gateway, problem, serving
from tests.gateway.person import Person
from tests.support.demo import Demo

QUESTION = "revenue by country in 2025"


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def shop(demo: Demo, clock: Clock) -> Iterator[Gateway]:
    with serving(replace(demo.deps, clock=clock)) as found:
        yield found


@pytest.fixture
def ana(shop: Gateway) -> Person:
    return Person(shop)


@pytest.fixture(scope="module")
def admin(shop: Gateway) -> Person:
    return Person(shop, Role.ADMIN)


@pytest.fixture(scope="module")
def viewer(shop: Gateway) -> Person:
    return Person(shop, Role.VIEWER)


def shared(person: Person, question: str = QUESTION) -> dict[str, str]:
    answer = person.call("POST", f"/answers/{person.say(question)['query_id']}/share")
    assert answer.status_code == 201, answer.text
    SharedReply.model_validate_json(answer.text)
    return dict(answer.json())


def test_each_sees_their_own_rows(ana: Person, admin: Person, viewer: Person) -> None:
    link = shared(admin)
    everything = {row["customer__country"] for row in admin.say(QUESTION)["results"]}
    opened = viewer.call("GET", f"/shared/{link['id']}")
    OpenedReply.model_validate_json(opened.text)
    body = opened.json()
    assert (body["outcome"], body["question"], body["governed_sql"]) == ("answer", QUESTION, "")
    seen = {row["customer__country"] for row in body["results"]}
    assert seen == {row["customer__country"] for row in ana.say(QUESTION)["results"]}
    assert seen < everything
    problem(viewer.call("POST", "/chat", {"question": QUESTION}), 403, "DM7010")
    problem(viewer.call("POST", f"/answers/{link['query_id']}/share"), 403, "DM7010")
    mine = viewer.get(f"/query/{body['query_id']}")
    assert (mine["user_id"], mine["question"]) == (viewer.id, "")


def test_what_is_opened_is_recorded_as_a_turn_of_who_opens_it(ana: Person, viewer: Person, shop: Gateway) -> None:
    link = shared(ana)
    body = viewer.get(f"/shared/{link['id']}")
    found = shop.deps.trail.trail.page(shop.deps.project_id, AuditFilter(user_id=viewer.id), 0, 8)
    found = [one for one in found if one.event_type != "values.index"][:4]  # the view of the viewer may be new, and its words be read then
    assert [(one.event_type, one.status) for one in reversed(found)] == [
        ("share.open", "begin"), ("query.execute", "begin"), ("query.execute", "succeeded"), ("share.open", "succeeded"),
    ]  # fmt: skip
    assert json.loads(found[1].details)["query_id"] == body["query_id"]
    assert json.loads(found[0].details)["of"] == ana.id
    assert link["id"] not in str(found)


def test_only_an_answer_of_ones_own_is_shared(ana: Person, shop: Gateway, admin: Person) -> None:
    other = Person(shop)
    asked = ana.say(QUESTION)["query_id"]
    for query_id in (asked, new_id("qry")):
        problem(other.call("POST", f"/answers/{query_id}/share"), 404, "DM3091")
    problem(admin.call("POST", f"/answers/{asked}/share"), 404, "DM3091")
    problem(ana.call("POST", f"/answers/{ana.say('country')['query_id']}/share"), 422, "DM6065")
    before = ana.say("revenue in May 2026")
    why = ana.say("why?", before["session_id"])
    assert why["contributions"]
    problem(ana.call("POST", f"/answers/{why['query_id']}/share"), 422, "DM6065")  # a link would show a number alone
    written = ana.call("POST", "/sql/execute", {"sql": "select 1 as a from dim_customers", "source": "postgres"}).json()
    problem(ana.call("POST", f"/answers/{written['query_id']}/share"), 422, "DM6065")
    query = {"metrics": ["revenue"], "where": ["customer__country = 'ana@example.com'"]}
    named = ana.call("POST", "/query", query).json()
    assert named["outcome"] == "answer"
    problem(ana.call("POST", f"/answers/{named['query_id']}/share"), 422, "DM6065")


def test_a_link_ends_by_itself_or_is_taken_away(ana: Person, admin: Person, viewer: Person, shop: Gateway, clock: Clock) -> None:
    first, second, third = shared(ana), shared(ana), shared(ana)
    page = ana.get("/shared", limit=2)
    SharedPage.model_validate(page)
    rest = ana.get("/shared", limit=2, cursor=page["next_cursor"])
    assert [one["id"] for one in (*page["items"], *rest["items"])] == [third["id"], second["id"], first["id"]]
    assert viewer.get("/shared")["items"] == []
    for stranger in (viewer, Person(shop)):
        problem(stranger.call("DELETE", f"/shared/{first['id']}"), 404, "DM6066")
    assert admin.call("DELETE", f"/shared/{first['id']}").status_code == 204
    assert ana.call("DELETE", f"/shared/{second['id']}").status_code == 204
    for gone in (first["id"], second["id"], "shr_" + "0" * 32):
        problem(viewer.call("GET", f"/shared/{gone}"), 404, "DM6066")
        problem(ana.call("DELETE", f"/shared/{gone}"), 404, "DM6066")
    assert viewer.call("GET", f"/shared/{third['id']}").status_code == 200
    left = dt.datetime.fromisoformat(third["expires_at"]) - clock.now()
    assert dt.timedelta(days=29) < left <= dt.timedelta(days=30)
    clock.ahead = left
    try:
        late = Person(shop, Role.VIEWER)
        problem(late.call("GET", f"/shared/{third['id']}"), 404, "DM6066")
    finally:
        clock.ahead = dt.timedelta()


def test_what_the_opener_may_not_ask_is_refused_without_a_word_of_it(ana: Person, viewer: Person, demo: Demo) -> None:
    link = shared(ana)
    before = viewer.get("/users/me/data")["queries"]
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute(
            "UPDATE conversation.shared SET semantic_query = replace(semantic_query, '\"revenue\"', '\"hidden_revenue\"') WHERE id = %s",
            [link["id"]],
        )
    told = problem(viewer.call("GET", f"/shared/{link['id']}"), 403, "DM6067")
    assert "hidden" not in json.dumps(told)
    assert QUESTION not in json.dumps(told)
    assert len(viewer.get("/users/me/data")["queries"]) == len(before)


def test_a_person_of_another_project_finds_nothing(ana: Person, shop: Gateway) -> None:
    link = shared(ana)
    _, email = shop.person(Role.ADMIN, project_id="another")
    headers = {"Authorization": f"Bearer {shop.login(email)['access_token']}"}
    problem(shop.client.get(f"/api/v1/shared/{link['id']}", headers=headers), 403, "DM7012")
    assert shop.deps.talk.shared.get(link["id"], "another") is None


@pytest.mark.parametrize("moment", ["before it is kept", "while links are removed"])
def test_no_link_outlives_the_words_that_are_removed_meanwhile(ana: Person, shop: Gateway, moment: str) -> None:
    """Whenever a person's words are removed while they share: the link would hold the question for all to open."""
    asked = ana.say(QUESTION)["query_id"]
    who = shop.deps.people.users.by_id(ana.id)
    assert who is not None
    caller = Caller(principal_of(who), "test")
    kept = shop.deps.talk.shared

    class Slow:
        """Links of which one comes at the worst moment."""

        def __getattr__(self, name: str) -> object:
            return getattr(kept, name)

        def add(self, one: SharedAnswer, most: int) -> bool:
            if moment == "before it is kept":
                forget(shop.deps, caller)
            return kept.add(one, most)

        def delete_of(self, project_id: str, user_id: str) -> int:
            found = kept.delete_of(project_id, user_id)
            with pytest.raises(UserError):
                share(shop.deps, caller, asked)
            return found

    slow = replace(shop.deps, talk=replace(shop.deps.talk, shared=Slow()))
    if moment == "before it is kept":
        with pytest.raises(UserError) as caught:
            share(slow, caller, asked)
        assert caught.value.problem.code == "DM6065"
    else:
        forget(slow, caller)
    assert kept.of(shop.deps.project_id, ana.id) == []
