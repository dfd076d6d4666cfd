"""Signing in and out over HTTP."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Iterator

import psycopg
import pytest

from app.gateway.config import GatewayConfig
from app.service.deps import Deps
from app.service.users import UserChanges, change_user, operator
from tests.gateway.conftest import PASSWORD, Clock, Gateway, problem, serving


def me(gateway: Gateway, token: object):
    return gateway.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})


def refresh(gateway: Gateway, token: object):
    return gateway.client.post("/api/v1/auth/refresh", json={"refresh_token": token})


def events(store_url: str, user_id: str) -> list[tuple[str, str]]:
    with psycopg.connect(store_url) as connection:
        rows = connection.execute("SELECT event_type, status FROM audit.audit_log WHERE user_id = %s ORDER BY seq", (user_id,))
        return [(row[0], row[1]) for row in rows]


def test_login_gives_a_pair_and_me_says_who(gateway: Gateway) -> None:
    user_id, email = gateway.person("analyst", groups=("sales",), attributes=(("region", "EU"),))
    pair = gateway.login(email.upper())
    assert set(pair) == {"access_token", "refresh_token", "token_type", "expires_in", "refresh_expires_in"}
    assert (pair["token_type"], pair["expires_in"], pair["refresh_expires_in"]) == ("Bearer", 900, 604800)
    assert me(gateway, pair["access_token"]).json() == {
        "id": user_id,
        "email": email,
        "role": "analyst",
        "project_id": "default",
        "groups": ["sales"],
        "attributes": {"region": "EU"},
    }


def test_a_wrong_password_an_unknown_address_and_a_disabled_user_look_the_same(gateway: Gateway, store_url: str) -> None:
    user_id, email = gateway.person()
    sleeper_id, sleeper = gateway.person()
    change_user(gateway.deps.people, operator(), sleeper_id, UserChanges(disabled=True))
    answers = [
        gateway.client.post("/api/v1/auth/login", json={"email": address, "password": password})
        for address, password in ((email, "wrong password"), ("nobody@example.com", PASSWORD), (sleeper, PASSWORD))
    ]
    bodies = [problem(answer, 401, "DM7001") for answer in answers]
    assert all(answer.headers["www-authenticate"] == "Bearer" for answer in answers)
    for body in bodies:
        body.pop("correlation_id")
    assert bodies[0] == bodies[1] == bodies[2]
    assert events(store_url, user_id) == [("auth.login", "failed")]
    assert events(store_url, sleeper_id) == [("auth.login", "failed")]


def test_what_was_typed_is_not_in_the_audit_trail(gateway: Gateway, store_url: str) -> None:
    gateway.client.post("/api/v1/auth/login", json={"email": "typed-a-secret-here", "password": "another-secret"})
    with psycopg.connect(store_url) as connection:
        text = str(connection.execute("SELECT * FROM audit.audit_log").fetchall())
    assert "secret" not in text


def test_refresh_rotates_and_a_used_token_ends_the_family(gateway: Gateway, store_url: str) -> None:
    user_id, email = gateway.person()
    first = gateway.login(email)
    second = refresh(gateway, first["refresh_token"])
    assert second.status_code == 200
    third = refresh(gateway, second.json()["refresh_token"])
    assert third.status_code == 200
    problem(refresh(gateway, first["refresh_token"]), 401, "DM7003")  # stolen, and used again
    problem(refresh(gateway, third.json()["refresh_token"]), 401, "DM7003")  # so the newest is no good either
    assert [event for event in events(store_url, user_id) if event[0] == "auth.refresh_reuse"] == [("auth.refresh_reuse", "refused")]
    assert refresh(gateway, gateway.login(email)["refresh_token"]).status_code == 200  # another sign-in is another family


def test_of_two_refreshes_at_once_at_most_one_is_given_tokens(gateway: Gateway) -> None:
    token = gateway.login(gateway.person()[1])["refresh_token"]
    answers: list[int] = []
    start = threading.Barrier(4)

    def race() -> None:
        start.wait()
        answers.append(refresh(gateway, token).status_code)

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 401, 401, 401]


def test_logout_ends_the_sign_in_and_may_be_repeated(gateway: Gateway, store_url: str) -> None:
    user_id, email = gateway.person()
    pair = gateway.login(email)
    for token in (pair["refresh_token"], pair["refresh_token"], "nonsense", pair["access_token"]):
        answer = gateway.client.post("/api/v1/auth/logout", json={"refresh_token": token})
        assert (answer.status_code, answer.content) == (204, b"")
    problem(refresh(gateway, pair["refresh_token"]), 401, "DM7003")
    assert ("auth.logout", "succeeded") in events(store_url, user_id)


def test_an_ended_sign_in_ends_its_access_tokens_and_no_others(gateway: Gateway) -> None:
    user_id, email = gateway.person()
    left, other = gateway.login(email), gateway.login(email)
    gateway.client.post("/api/v1/auth/logout", json={"refresh_token": left["refresh_token"]})
    problem(me(gateway, left["access_token"]), 401, "DM7002")
    assert me(gateway, other["access_token"]).status_code == 200
    rotated = refresh(gateway, other["refresh_token"]).json()
    assert me(gateway, other["access_token"]).status_code == 200
    change_user(gateway.deps.people, operator(), user_id, UserChanges(password="a new long password"))
    for pair in (other, rotated):
        problem(me(gateway, pair["access_token"]), 401, "DM7002")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic dXNlcjpwYXNz", "bearer x y", "Bearer é", "Token x"])
def test_without_a_good_token(gateway: Gateway, header: str) -> None:
    answer = gateway.client.get("/api/v1/auth/me", headers={"Authorization": header.encode()} if header else {})
    problem(answer, 401, "DM7002")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_one_kind_of_token_is_not_the_other(gateway: Gateway) -> None:
    pair = gateway.login(gateway.person()[1])
    problem(me(gateway, pair["refresh_token"]), 401, "DM7002")
    problem(refresh(gateway, pair["access_token"]), 401, "DM7003")


def test_changes_of_a_user_hold_from_the_next_request_on(gateway: Gateway) -> None:
    user_id, email = gateway.person("analyst")
    pair = gateway.login(email)
    change_user(gateway.deps.people, operator(), user_id, UserChanges(role="viewer", attributes=(("region", "US"),)))
    body = me(gateway, pair["access_token"]).json()
    assert (body["role"], body["attributes"]) == ("viewer", {"region": "US"})
    change_user(gateway.deps.people, operator(), user_id, UserChanges(disabled=True))
    problem(me(gateway, pair["access_token"]), 401, "DM7002")
    problem(refresh(gateway, pair["refresh_token"]), 401, "DM7003")
    change_user(gateway.deps.people, operator(), user_id, UserChanges(disabled=False))
    problem(refresh(gateway, pair["refresh_token"]), 401, "DM7003")  # what was ended stays ended
    problem(me(gateway, pair["access_token"]), 401, "DM7002")  # its access tokens too
    assert me(gateway, gateway.login(email)["access_token"]).status_code == 200


def test_a_new_password_ends_every_sign_in(gateway: Gateway) -> None:
    user_id, email = gateway.person()
    pair = gateway.login(email)
    change_user(gateway.deps.people, operator(), user_id, UserChanges(password="another password"))
    problem(refresh(gateway, pair["refresh_token"]), 401, "DM7003")
    problem(gateway.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD}), 401, "DM7001")
    assert gateway.login(email, "another password")


def test_a_person_of_another_project_is_not_served(gateway: Gateway) -> None:
    _, email = gateway.person("admin", project_id="elsewhere")
    problem(me(gateway, gateway.login(email)["access_token"]), 403, "DM7012")


@pytest.fixture
def later(deps: Deps) -> Iterator[tuple[Gateway, Clock]]:
    """A second gateway over the same store, whose clock can be put forward."""
    clock = Clock()
    auth = dataclasses.replace(deps.auth, clock=clock)
    with serving(dataclasses.replace(deps, clock=clock, auth=auth), GatewayConfig()) as found:
        yield found, clock


def test_tokens_end(gateway: Gateway, later: tuple[Gateway, Clock]) -> None:
    other, clock = later
    pair = gateway.login(gateway.person()[1])
    assert me(other, pair["access_token"]).status_code == 200
    clock.ahead = dt.timedelta(minutes=14, seconds=50)
    assert me(other, pair["access_token"]).status_code == 200
    clock.ahead = dt.timedelta(minutes=15, seconds=5)
    problem(me(other, pair["access_token"]), 401, "DM7002")
    clock.ahead = dt.timedelta(days=7, seconds=5)
    problem(refresh(other, pair["refresh_token"]), 401, "DM7003")
