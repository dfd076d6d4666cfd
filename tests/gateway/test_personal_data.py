"""A person's data over HTTP: all of it is given out, and the person's words can be removed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.gateway.schemas.users import ForgottenReply, PersonalData
from app.model.ids import new_id
from app.model.principal import Role
from app.service.audit_verify import verify
from tests.gateway.conftest import Gateway, problem, serving
from tests.gateway.person import Person
from tests.support.demo import Demo

SECRETIVE = "revenue by country in 2025 for the purple team"
COMMENT = "counts what it should not"


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


@pytest.fixture(scope="module")
def admin(shop: Gateway) -> Person:
    return Person(shop, Role.ADMIN)


@pytest.fixture
def ana(shop: Gateway) -> Person:
    """Somebody who left something everywhere."""
    person = Person(shop)
    said = person.say("revenue by country in 2025")
    person.say(SECRETIVE, said["session_id"])
    person.take(person.say("country"), 0)
    assert person.call("POST", f"/answers/{said['query_id']}/share").status_code == 201
    flag = {"query_id": said["query_id"], "comment": COMMENT, "rating": 2}
    assert person.call("POST", "/feedback/flag", flag).status_code == 201
    return person


def test_everything_that_is_kept_is_given_out(ana: Person, admin: Person, shop: Gateway) -> None:
    other = Person(shop)
    other.say("orders in 2025")
    assert admin.call("PATCH", f"/users/{ana.id}", {"groups": ["sales"]}).status_code == 200
    answer = ana.call("GET", "/users/me/data")
    found = PersonalData.model_validate_json(answer.text)
    assert (found.user["email"], found.user["groups"]) == (ana.email, ["sales"])
    assert sorted(len(one["turns"]) for one in found.conversations) == [2, 2]
    assert {one["question"] for one in found.queries} >= {SECRETIVE, "country"}
    assert [len(part) for part in (found.choices, found.shared_answers, found.feedback)] == [1, 1, 1]
    assert found.feedback[0]["comment"] == COMMENT
    assert found.sign_ins
    assert {"auth.login", "query.execute", "share.create", "user.change", "user.export"} <= {one["event_type"] for one in found.audit}
    changed = next(one for one in found.audit if one["event_type"] == "user.change")
    assert set(changed) == {"timestamp", "event_type", "status", "component", "details"}
    for hidden in (other.id, admin.id, "password_hash", "argon2", "hmac"):
        assert hidden not in answer.text
    assert PersonalData.model_validate_json(admin.call("GET", f"/users/{ana.id}/data").text).user == found.user


def test_nobody_gets_anothers(ana: Person, shop: Gateway, admin: Person) -> None:
    for role in (Role.VIEWER, Role.ANALYST):
        stranger = Person(shop, role)
        problem(stranger.call("GET", f"/users/{ana.id}/data"), 403, "DM7011")
        problem(stranger.call("DELETE", f"/users/{ana.id}/data"), 403, "DM7011")
        assert stranger.call("GET", f"/users/{stranger.id}/data").status_code == 200
    problem(admin.call("GET", f"/users/{new_id('usr')}/data"), 404, "DM7005")
    away, _ = shop.person(Role.ANALYST, project_id="another")
    problem(admin.call("DELETE", f"/users/{away}/data"), 404, "DM7005")


@pytest.mark.parametrize("by_admin", [False, True])
def test_the_words_go_and_what_accounting_needs_stays(ana: Person, admin: Person, shop: Gateway, by_admin: bool) -> None:
    other = Person(shop)
    theirs = other.say("orders in 2025")
    before = ana.get("/users/me/data")
    person, path = (admin, f"/users/{ana.id}/data") if by_admin else (ana, "/users/me/data")
    removed = ForgottenReply.model_validate_json(person.call("DELETE", path).text)
    assert removed == ForgottenReply(
        conversations=2, choices=1, shared_answers=1, queries=len(before["queries"]), feedback=1, corrections=0
    )
    answer = ana.call("GET", "/users/me/data")
    for word in ("purple", COMMENT, "country"):
        assert word not in json.dumps({**answer.json(), "audit": []})
    after = answer.json()
    assert [(one["id"], one["status"], one["engine"], one["elapsed_ms"]) for one in after["queries"]] == [
        (one["id"], one["status"], one["engine"], one["elapsed_ms"]) for one in before["queries"]
    ]
    assert {(one["event_type"], one["status"]) for one in after["audit"]} >= {("user.forget", "begin"), ("user.forget", "succeeded")}
    assert len(after["audit"]) > len(before["audit"])
    problem(admin.call("GET", f"/shared/{before['shared_answers'][0]['id']}"), 404, "DM6066")
    assert ana.say("country")["outcome"] == "clarify"
    assert other.get("/chat/history", session_id=theirs["session_id"])["items"][0]["question"] == "orders in 2025"
    shop.deps.audit.close()  # type: ignore[attr-defined]
    assert verify(shop.deps.trail, shop.deps.project_id).whole
