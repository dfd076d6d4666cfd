"""The store's policies over HTTP, on the demo business: written, changed, and in force at once at every door and in every process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from app.adapters.store.database import Database
from app.adapters.store.policies import StoredPolicies
from app.gateway.schemas import policies as bodies
from app.model.ids import new_id
from app.model.principal import Role
from app.model.written_policy import WrittenPolicy
from app.service.held_policies import HeldPolicies
from app.service.serving import Serving
from app.wiring.layers import published
from tests.gateway.conftest import PASSWORD, Gateway, problem, serving, wait_until
from tests.support.demo import Demo

AT = "/api/v1/data-control/policies"
COUNT = "select count(*) as n from fct_orders"


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


@pytest.fixture(autouse=True)
def _none_left(shop: Gateway) -> Iterator[None]:
    yield
    for one in call(shop, "GET", AT).json()["items"]:
        assert call(shop, "DELETE", f"{AT}/{one['id']}", revision=one["revision"]).status_code == 200


def call(shop: Gateway, method: str, path: str, body: object = None, *, role: str = "admin", revision: int = 0, **params: Any):
    headers = shop.bearer(role) | ({"If-Match": f'"{revision}"'} if revision else {})
    return shop.client.request(method, path, json=body, params=params, headers=headers, follow_redirects=False)


def write(shop: Gateway, name: str = "", **fields: object) -> dict[str, Any]:
    reply = call(shop, "POST", AT, {"name": name or new_id("p"), **fields})
    assert reply.status_code == 201, reply.text
    bodies.PolicyReply.model_validate_json(reply.text)
    return dict(reply.json())


def sql(shop: Gateway, text: str, role: str = "analyst", source: str = "postgres"):
    return shop.client.post("/api/v1/sql/execute", json={"sql": text, "source": source}, headers=shop.bearer(role))


def number(shop: Gateway, role: str = "analyst", source: str = "postgres") -> int:
    return int(sql(shop, COUNT, role, source).json()["results"][0]["n"])


def test_a_restriction_holds_at_once_at_every_door(shop: Gateway, demo: Demo) -> None:
    everything, before = number(shop, "admin"), number(shop)
    assert 0 < before < everything
    with psycopg.connect(demo.servers.owners["postgres"]) as owner:
        (web,) = owner.execute("SELECT count(*) FROM marts.fct_orders WHERE sales_channel = 'web'").fetchone()
    made = write(shop, rows="sales_channel = 'web'", permissive=False, models=["fct_orders"])
    assert number(shop, "admin", "clickhouse") == number(shop, "admin") == web < everything
    query = {"metrics": ["orders"]}
    asked = shop.client.post("/api/v1/query", json=query, headers=shop.bearer("admin"))
    assert asked.status_code == 200, asked.text
    call(shop, "PATCH", f"{AT}/{made['id']}", {"enabled": False}, revision=1)
    assert number(shop, "admin") == everything
    call(shop, "PATCH", f"{AT}/{made['id']}", {"enabled": True, "exempt_roles": ["admin"]}, revision=2)
    assert (number(shop, "admin"), number(shop) < before) == (everything, True)


def test_a_column_is_masked_denied_and_seen_again(shop: Gateway) -> None:
    seen = sql(shop, "select city from dim_customers order by 1 limit 1").json()["results"][0]["city"]
    made = write(shop, mask={"kind": "fixed", "replacement": "hidden"}, columns=["dim_customers.city"], roles=["analyst"])
    assert sql(shop, "select distinct city from dim_customers").json()["results"] == [{"city": "hidden"}]
    reply = call(shop, "PUT", f"{AT}/{made['id']}", {"name": "gone", "deny": True, "columns": ["dim_customers.city"]}, revision=1)
    assert (reply.status_code, reply.headers["etag"], reply.json()["revision"]) == (200, '"2"', 2)
    assert sql(shop, "select city from dim_customers").status_code in (403, 422)
    names = [one["name"] for one in shop.client.get("/api/v1/dimensions?limit=200", headers=shop.bearer("analyst")).json()["items"]]
    assert not [name for name in names if name.endswith("customer__city")]
    call(shop, "DELETE", f"{AT}/gone", revision=2)
    assert sql(shop, "select city from dim_customers order by 1 limit 1").json()["results"][0]["city"] == seen


def test_only_admins(shop: Gateway) -> None:
    for role in ("analyst", "viewer"):
        for method, path, body in (
            ("GET", AT, None),
            ("POST", AT, {"name": "p", "deny": True}),
            ("GET", f"{AT}/p", None),
            ("DELETE", f"{AT}/p", None),
            ("GET", f"{AT}/p/history", None),
            ("POST", f"{AT}/check", {}),
            ("GET", "/api/v1/policies/rows", None),
            ("GET", "/api/v1/policies/columns", None),
            ("POST", "/api/v1/policies/rows", {"name": "p", "rows": "1 = 1"}),
        ):
            problem(call(shop, method, path, body, role=role, revision=1), 403, "DM7011")
    moved = call(shop, "GET", "/api/v1/policies")
    assert (moved.status_code, moved.headers["location"]) == (308, AT)


@pytest.mark.parametrize(
    ("fields", "code", "path", "words"),
    [
        ({}, "DM7043", "policy", "this one has none"),
        ({"deny": True, "min_group_size": 5}, "DM7043", "policy", "deny and min_group_size"),
        ({"rows": "region = ", "models": ["fct_orders"]}, "DM3101", "rows", ""),
        ({"rows": "upper(order_status) = 'X'", "models": ["fct_orders"]}, "DM3120", "rows", "not allowed"),
        ({"rows": "order_statos = 'x'", "models": ["fct_orders"]}, "DM7043", "rows", "order_status"),
        ({"rows": "order_status = 'a\ue000b'", "models": ["fct_orders"]}, "DM7043", "rows", "control character"),
        ({"rows": "order_status like '%a\\'", "models": ["fct_orders"]}, "DM7043", "rows", "lone backslash"),
        ({"rows": "order_status = 'a' or order_status = 5", "models": ["fct_orders"]}, "DM7043", "rows", "fct_orders"),
        ({"mask": {"kind": "fixed", "replacement": "\ue001"}, "columns": ["email"]}, "DM7043", "mask", "control character"),
        ({"mask": {"kind": "redact", "pattern": "a", "replacement": "\\1"}, "columns": ["email"]}, "DM7043", "mask", "backslash"),
        ({"deny": True, "models": ["fct_order"]}, "DM7043", "models", "did you mean `fct_orders`"),
        ({"deny": True, "columns": ["emial"]}, "DM7043", "columns", "email"),
        ({"deny": True, "tags": ["nowhere"]}, "DM7043", "tags", "nowhere"),
        ({"deny": True, "models": ["fct_orders"], "columns": ["email"]}, "DM7043", "columns", "selects nothing"),
        ({"mask": {"kind": "redact", "pattern": "("}, "columns": ["email"]}, "DM7043", "mask", "regular expression"),
        ({"mask": {"kind": "redact", "pattern": "(" * 999}, "columns": ["email"]}, "DM7043", "mask", "regular expression"),
        ({"mask": {"kind": "redact", "pattern": "a{9999999999}"}, "columns": ["email"]}, "DM7043", "mask", "differently"),
        ({"mask": {"kind": "redact"}, "columns": ["email"]}, "DM7043", "mask", "pattern"),
        ({"limits": {}, "models": ["fct_orders"]}, "DM7043", "policy", "none"),
        ({"deny": True, "permissive": False}, "DM7043", "permissive", "rows"),
    ],
)
def test_what_is_refused_before_it_is_kept(shop: Gateway, fields: dict[str, object], code: str, path: str, words: str) -> None:
    body = problem(call(shop, "POST", AT, {"name": "p", **fields}), 422, code)
    found = body["problems"][0]
    assert found["where"]["path"] == path
    assert words in f"{found['message']} {found['hint']}"
    assert call(shop, "GET", AT).json()["items"] == []


@pytest.mark.parametrize(
    "body", [{"deny": True}, {"name": "p q", "deny": True}, {"name": "p", "denied": True}, {"name": "p", "roles": ["boss"]}]
)
def test_bodies_that_are_none(shop: Gateway, body: object) -> None:
    problem(call(shop, "POST", AT, body), 422, "DM7031")


def test_only_who_saw_the_last_revision_changes_it(shop: Gateway) -> None:
    made = write(shop, "contacts", deny=True, columns=["email"], exempt_roles=["admin"])
    write(shop, "other", deny=True, columns=["email"], exempt_roles=["admin"])
    assert call(shop, "GET", f"{AT}/contacts").headers["etag"] == '"1"'
    problem(call(shop, "PATCH", f"{AT}/contacts", {"enabled": False}), 422, "DM7031")
    assert call(shop, "PATCH", f"{AT}/contacts", {"description": "x"}, revision=1).json()["revision"] == 2
    problem(call(shop, "PATCH", f"{AT}/contacts", {"enabled": False}, revision=1), 409, "DM7042")
    problem(call(shop, "DELETE", f"{AT}/contacts", revision=1), 409, "DM7042")
    problem(call(shop, "PATCH", f"{AT}/contacts", {"name": "other"}, revision=2), 409, "DM7041")
    problem(call(shop, "POST", AT, {"name": "other", "deny": True, "columns": ["email"]}), 409, "DM7041")
    problem(call(shop, "GET", f"{AT}/nobody"), 404, "DM7040")
    swapped = call(shop, "PATCH", f"{AT}/contacts", {"deny": None, "mask": {"kind": "null"}}, revision=2).json()
    assert (swapped["effect"], swapped["policy"]["columns"], "deny" in swapped["policy"]) == ("mask", ["email"], False)
    call(shop, "DELETE", f"{AT}/contacts", revision=3)
    history = call(shop, "GET", f"{AT}/{made['id']}/history", limit=2).json()
    bodies.ChangePage.model_validate_json(json.dumps(history))
    assert [(one["change"], one["revision"]) for one in history["items"]] == [("delete", 4), ("update", 3)]
    assert history["items"][0]["before"]["mask"]["kind"] == "null"
    older = call(shop, "GET", f"{AT}/{made['id']}/history", cursor=history["next_cursor"]).json()
    assert [(one["change"], one["before"] and one["before"]["deny"]) for one in older["items"]] == [("update", True), ("create", None)]


def test_lists_by_page_and_by_what_is_wanted(shop: Gateway) -> None:
    ids = [write(shop, f"p{n}", deny=True, columns=["email"], enabled=n != 1, exempt_roles=["admin"])["id"] for n in range(3)]
    write(shop, "rows", rows="region = 'x'", models=["fct_orders"], permissive=False, enabled=False)
    first = call(shop, "GET", AT, limit=2).json()
    rest = call(shop, "GET", AT, cursor=first["next_cursor"]).json()
    bodies.PolicyPage.model_validate_json(json.dumps(first))
    assert {one["id"] for one in first["items"] + rest["items"]} > set(ids)
    assert [one["policy"]["name"] for one in call(shop, "GET", AT, effect="rows").json()["items"]] == ["rows"]
    assert {one["policy"]["name"] for one in call(shop, "GET", AT, enabled="true", name="p").json()["items"]} == {"p0", "p2"}


def test_what_holds_of_both_sources(shop: Gateway) -> None:
    reply = call(shop, "POST", "/api/v1/policies/rows", {"name": "web", "rows": "sales_channel = 'web'", "models": ["fct_orders"]})
    assert [one["code"] for one in reply.json()["warnings"]] == ["DM7047"]
    problem(call(shop, "POST", "/api/v1/policies/rows", {"name": "x", "deny": True}), 422, "DM7043")
    assert (
        call(
            shop, "POST", "/api/v1/policies/columns", {"name": "sized", "min_group_size": 5, "columns": ["dim_customers.city"]}
        ).status_code
        == 201
    )
    problem(call(shop, "POST", "/api/v1/policies/columns", {"name": "x", "rows": "1 = 1"}), 422, "DM7043")
    rows = list(pages(shop, "/api/v1/policies/rows", bodies.RowRulePage))
    assert {one["source"] for one in rows if one["model"] == "fct_orders"} == {"dbt", "store"}
    assert [one["filter"] for one in rows if one["name"] == "store.web"] == ["sales_channel = 'web'"]
    columns = list(pages(shop, "/api/v1/policies/columns", bodies.ColumnRulePage))
    assert [one["min_group_size"] for one in columns if one["name"] == "store.sized"] == [5]
    assert any(one["source"] == "dbt" and one["deny"] for one in columns)


def pages(shop: Gateway, path: str, kind: type) -> Iterator[dict[str, Any]]:
    cursor = ""
    while cursor is not None:
        reply = call(shop, "GET", path, limit=7, cursor=cursor)
        kind.model_validate_json(reply.text)
        yield from reply.json()["items"]
        cursor = reply.json()["next_cursor"]


def test_what_a_kind_of_person_sees(shop: Gateway) -> None:
    write(shop, "limit", limits={"rows": 7}, models=["dim_customers"], groups=["temps"])
    write(shop, "small", min_group_size=5, columns=["dim_customers.city"], groups=["temps"])
    who = {"role": "analyst", "attributes": {"region": "DACH"}, "groups": ["temps"], "models": ["dim_customers"]}
    reply = call(shop, "POST", f"{AT}/check", who)
    bodies.CheckReply.model_validate_json(reply.text)
    (sight,) = reply.json()["items"]
    columns = {one["name"]: one for one in sight["columns"]}
    assert (sight["readable"], sight["rows"], sight["limits"]["rows"]) == (True, "region = 'DACH'", 7)
    assert (columns["email"]["shown"], columns["national_id"]["shown"], columns["country"]["shown"]) == ("masked", "denied", "clear")
    assert (columns["city"]["min_group_size"], columns["city"]["policies"][0]["source"]) == (5, "store")
    assert columns["email"]["policies"][0]["source"] == "dbt"
    (without,) = call(shop, "POST", f"{AT}/check", {**who, "attributes": {}}).json()["items"]
    assert without["rows"] == "none"
    assert call(shop, "POST", f"{AT}/check", {"role": "admin", "models": ["dim_customers"]}).json()["items"][0]["rows"] == "all"
    problem(call(shop, "POST", f"{AT}/check", {"models": ["dim_customer"]}), 404, "DM7048")


def test_every_action_leaves_begin_and_end(shop: Gateway, demo: Demo) -> None:
    made = write(shop, "audited", rows="order_status = 'a literal'", models=["fct_orders"], exempt_roles=["admin"])
    call(shop, "PATCH", f"{AT}/audited", {"enabled": False}, revision=1)
    call(shop, "PATCH", f"{AT}/audited", {"enabled": True}, revision=1)
    call(shop, "DELETE", f"{AT}/audited", revision=2)
    with Database(demo.servers.store).transaction() as connection:
        rows = connection.exec_driver_sql(
            "SELECT event_type, status, details FROM audit.audit_log WHERE component = 'policies' ORDER BY seq"
        ).all()
    mine = [row for row in rows if json.loads(row[2])["target"] == made["id"]]
    assert [tuple(row[:2]) for row in mine] == [
        ("policy.create", "begin"),
        ("policy.create", "succeeded"),
        ("policy.update", "begin"),
        ("policy.update", "succeeded"),
        ("policy.update", "begin"),
        ("policy.update", "failed"),
        ("policy.delete", "begin"),
        ("policy.delete", "succeeded"),
    ]
    assert "a literal" not in str(mine)


@contextmanager
def process(demo: Demo, folder: Path) -> Iterator[httpx2.Client]:
    """A second gateway, in a process of its own, that by itself would look for changes hours later."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATAMIND_")} | {
        "DATAMIND_DATA_DIR": str(demo.settings.data_dir),
        "DATAMIND_DBT_PROJECT_PATH": str(demo.settings.dbt_project_path),
        "DATAMIND_LAYER_POLL_SECONDS": "60",
        "DATAMIND_POLICY_CACHE_SECONDS": "3600",
    }
    command = [sys.executable, "-c", "from app.cli.main import main; main()", "serve", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_until(lambda: answers(client), 60)
            yield client
    finally:
        running.terminate()
        running.wait(timeout=40)


def answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/ready").status_code == 200
    except httpx2.HTTPError:
        return False


def test_another_process_sees_a_change_at_once(shop: Gateway, demo: Demo, tmp_path: Path) -> None:
    with process(demo, tmp_path) as other:
        email = shop.person(Role.ANALYST, attributes=(("region", "DACH"),))[1]
        token = other.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD}).json()["access_token"]

        def there() -> int:
            reply = other.post(
                "/api/v1/sql/execute", json={"sql": COUNT, "source": "postgres"}, headers={"Authorization": f"Bearer {token}"}
            )
            return int(reply.json()["results"][0]["n"])

        before = there()
        assert before > 0
        made = write(shop, "closed", deny=True, models=["fct_orders"], roles=["analyst"])
        wait_until(lambda: there() == 0, 5)
        call(shop, "DELETE", f"{AT}/{made['id']}", revision=1)
        wait_until(lambda: there() == before, 5)


def test_where_the_store_is_away_too_long_no_data_is_shown(demo: Demo) -> None:
    """The store's own adapter on a port where nothing listens, after one good answer; the layer, people and audit are there."""
    lost = Database("postgresql://nobody@127.0.0.1:1/nothing")
    kept = [demo.deps.policies, StoredPolicies(lost)]
    now = 0.0

    def current(held: int) -> tuple[int, Sequence[WrittenPolicy]] | None:
        return kept[0].current(demo.settings.project_id, held)

    held = HeldPolicies(current, poll_seconds=0, most_seconds=60, clock=lambda: now)
    found = Serving(published(demo.deps.layers, demo.settings.project_id), poll_seconds=0, policies=held)
    with serving(replace(demo.deps, serving=found)) as gateway:
        assert sql(gateway, COUNT).status_code == 200
        kept.pop(0)
        now = 59.0
        assert sql(gateway, COUNT).status_code == 200
        now = 61.0
        problem(sql(gateway, COUNT), 503, "DM7044")
        ask = gateway.client.post("/api/v1/ask", json={"question": "revenue by year"}, headers=gateway.bearer("analyst"))
        problem(ask, 503, "DM7044")
        problem(gateway.client.get("/api/v1/metrics", headers=gateway.bearer("analyst")), 503, "DM7044")
    lost.close()
