"""User management over HTTP."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from app.model.ids import new_id
from tests.gateway.conftest import PASSWORD, Gateway, problem


def address() -> str:
    return f"{new_id('mail')}@example.com"


def create(gateway: Gateway, as_role: str = "admin", **body: Any):
    return gateway.client.post("/api/v1/users", json={"email": address(), "role": "analyst", **body}, headers=gateway.bearer(as_role))


def change(gateway: Gateway, user_id: str, **body: Any):
    return gateway.client.patch(f"/api/v1/users/{user_id}", json=body, headers=gateway.bearer("admin"))


def test_an_admin_makes_a_user_who_can_sign_in(gateway: Gateway) -> None:
    answer = create(gateway, groups=["b", "a", "b"], attributes={"region": "EU"})
    assert answer.status_code == 201
    body = answer.json()
    assert body["groups"] == ["a", "b"]
    assert body["attributes"] == {"region": "EU"}
    assert (body["role"], body["project_id"], body["disabled"]) == ("analyst", "default", False)
    assert "hash" not in answer.text
    assert gateway.login(body["email"], body["generated_password"])


def test_a_given_password_is_not_told_again(gateway: Gateway) -> None:
    body = create(gateway, password=PASSWORD).json()
    assert body["generated_password"] is None
    assert gateway.login(body["email"])


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_only_admins_manage_users(gateway: Gateway, role: str) -> None:
    problem(create(gateway, role), 403, "DM7011")
    problem(gateway.client.get("/api/v1/users", headers=gateway.bearer(role)), 403, "DM7011")
    user_id = gateway.person()[0]
    problem(gateway.client.patch(f"/api/v1/users/{user_id}", json={"role": "admin"}, headers=gateway.bearer(role)), 403, "DM7011")
    problem(gateway.client.get("/api/v1/users"), 401, "DM7002")


def test_an_address_is_taken_once(gateway: Gateway) -> None:
    email = create(gateway).json()["email"]
    problem(create(gateway, email=email.upper()), 409, "DM7004")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "two@@example.com"}, "email"),
        ({"groups": ["a b"]}, "groups"),
        ({"groups": [""]}, "groups"),
        ({"attributes": {"1st": "x"}}, "attributes"),
        ({"attributes": {"a": "x" * 257}}, "attributes"),
        ({"attributes": {"a": "x\x00"}}, "attributes"),
        ({"project_id": "no project"}, "project_id"),
    ],
)
def test_fields_that_are_not_valid(gateway: Gateway, body: dict[str, Any], path: str) -> None:
    assert problem(create(gateway, **body), 422, "DM7006")["problems"][0]["where"]["path"] == path


@pytest.mark.parametrize(
    "body",
    [
        {"role": "god"},
        {"role": 1},
        {"password": "short"},
        {"email": 1},
        {"unknown": 1},
        {"groups": "a"},
        {"disabled": False},
        {"email": None},
    ],
)
def test_fields_of_the_wrong_kind(gateway: Gateway, body: dict[str, Any]) -> None:
    problem(create(gateway, **body), 422, "DM7031")


def test_another_project_is_out_of_reach(gateway: Gateway) -> None:
    problem(create(gateway, project_id="elsewhere"), 403, "DM7008")
    stranger = gateway.person(project_id="elsewhere")[0]
    problem(change(gateway, stranger, role="viewer"), 404, "DM7005")
    problem(change(gateway, gateway.person()[0], project_id="elsewhere"), 403, "DM7008")


def test_changing_leaves_what_is_not_given(gateway: Gateway) -> None:
    user_id = create(gateway, groups=["a"], attributes={"region": "EU"}).json()["id"]
    body = change(gateway, user_id, role="viewer").json()
    assert (body["role"], body["groups"], body["attributes"]) == ("viewer", ["a"], {"region": "EU"})
    body = change(gateway, user_id, groups=[], attributes={"region": "US"}).json()
    assert (body["role"], body["groups"], body["attributes"]) == ("viewer", [], {"region": "US"})
    assert change(gateway, user_id, disabled=True).json()["disabled"] is True
    assert change(gateway, user_id, disabled=False).json()["disabled"] is False


def test_nobody_of_that_id(gateway: Gateway) -> None:
    problem(change(gateway, new_id("usr"), role="viewer"), 404, "DM7005")
    problem(change(gateway, "usr_x", role="viewer"), 422, "DM7031")


def test_the_list_pages(gateway: Gateway) -> None:
    made = {create(gateway).json()["id"] for _ in range(3)}
    found, cursor = [], ""
    for _ in range(100):
        page = gateway.client.get("/api/v1/users", params={"limit": 2, "cursor": cursor}, headers=gateway.bearer("admin")).json()
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == sorted(set(found))
    assert made <= set(found)
    assert {item["project_id"] for item in page["items"]} == {"default"}


@pytest.mark.parametrize("cursor", ["x", "!!!", "dXNyXzE", "é", "a" * 200])
def test_cursors_that_we_did_not_give(gateway: Gateway, cursor: str) -> None:
    answer = gateway.client.get("/api/v1/users", params={"cursor": cursor}, headers=gateway.bearer("admin"))
    problem(answer, 400, "DM7036")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", ""])
def test_limits_that_are_none(gateway: Gateway, limit: str) -> None:
    problem(gateway.client.get(f"/api/v1/users?limit={limit}", headers=gateway.bearer("admin")), 422, "DM7031")


def test_every_action_leaves_begin_and_end(gateway: Gateway, store_url: str) -> None:
    user_id = create(gateway).json()["id"]
    change(gateway, user_id, role="viewer", password="a new password")
    email = create(gateway).json()["email"]
    create(gateway, email=email)
    with psycopg.connect(store_url) as connection:
        rows = connection.execute("SELECT event_type, status, details, user_id, ip_address FROM audit.audit_log ORDER BY seq").fetchall()
    mine = [row for row in rows if json.loads(row[2]).get("target") == user_id]
    assert [row[:2] for row in mine] == [
        ("user.create", "begin"),
        ("user.create", "succeeded"),
        ("user.change", "begin"),
        ("user.change", "succeeded"),
    ]
    assert json.loads(mine[2][2])["fields"] == ["password", "role"]
    assert all(row[3].startswith("usr_") and row[4] == "127.0.0.1" for row in mine)
    assert ("user.create", "failed") in [row[:2] for row in rows]
    assert "a new password" not in str(rows)


def test_the_last_admin_stays(gateway: Gateway) -> None:
    """The module's other admins are disabled first."""
    own = gateway.client.get("/api/v1/auth/me", headers=gateway.bearer("admin")).json()["id"]
    people = gateway.client.get("/api/v1/users?limit=200", headers=gateway.bearer("admin")).json()["items"]
    for person in people:
        if person["role"] == "admin" and person["id"] != own:
            assert change(gateway, person["id"], disabled=True).status_code == 200
    problem(change(gateway, own, disabled=True), 409, "DM7007")
    problem(change(gateway, own, role="viewer"), 409, "DM7007")
    assert gateway.client.get("/api/v1/auth/me", headers=gateway.bearer("admin")).status_code == 200
