"""Which role gets through which door: every route of the gateway is called as each, and the table of docs/security.md says what came of it.

`DATAMIND_WRITE_DOORS=1` writes the table anew; read the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Route, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.gateway.app import create_app
from app.gateway.config import GatewayConfig
from app.model.ids import new_id
from app.model.principal import Role
from app.service import jobs
from app.service.deps import Deps
from app.service.webhooks import Sender, WebhookSettings
from tests.gateway.conftest import PASSWORD, Gateway, serving
from tests.support.doors import PAGE, ROLES, table, write, written

API = "/api/v1"
CONFIG = GatewayConfig(webhooks=WebhookSettings(dict.fromkeys(Sender, "s" * 32), "main"))
QUERY = {"metrics": ["revenue"]}
SQL = {"sql": "SELECT 1 AS a", "source": "postgres"}
REASON = {"reason": "a test"}
BODIES: dict[str, Any] = {
    "POST /ask": {"question": "revenue"},
    "POST /chat": {"question": "revenue"},
    "PATCH /chat/sessions/{session_id}": {"title": "x"},
    "POST /query": QUERY,
    "POST /query/explain": QUERY,
    "POST /sql/generate": {"question": "revenue"},
    "POST /sql/validate": SQL,
    "POST /sql/execute": SQL,
    "POST /semantic/interpret": {"question": "revenue"},
    "POST /compiler/compile": {},
    "POST /versions/rollback": {"to": "1", **REASON},
    "POST /versions/candidates/{candidate_id}/approve": REASON,
    "POST /versions/candidates/{candidate_id}/reject": REASON,
    "POST /data-control/policies": {"name": "p", "models": ["m"], "rows": "a = 1"},
    "POST /policies/rows": {"name": "p", "models": ["m"], "rows": "a = 1"},
    "POST /policies/columns": {"name": "p", "models": ["m"], "columns": ["c"], "deny": True},
    "POST /data-control/policies/check": {"role": "analyst"},
    "PUT /data-control/policies/{name}": {"name": "x", "models": ["m"], "rows": "a = 1"},
    "PATCH /data-control/policies/{name}": {"enabled": False},
    "POST /admin/sync": {},
    "POST /admin/dbt/{command}": {},
    "POST /feedback/flag": {"query_id": new_id("qry")},
    "POST /admin/training-data/approve": {"flagged_entry_id": new_id("fbk"), "question": "x", "corrected_query": {"metrics": ["revenue"]}},
    "POST /admin/training-data/reject": {"flagged_entry_id": new_id("fbk"), "reason": "x"},
    "POST /admin/training-data/corrections/{correction_id}/accept": {"reason": "x"},
    "POST /admin/training-data/corrections/{correction_id}/withdraw": {"reason": "x"},
    "POST /models/{model_id}/accept": REASON,
    "POST /models/{model_id}/reject": REASON,
    "PATCH /users/{user_id}": {"groups": []},
    "POST /webhooks/github": {"ref": "refs/heads/main"},
    "POST /webhooks/dbt-cloud": {},
}
ASKED = {
    "/chat/history": f"?session_id={new_id('cnv')}",
    "/lineage/impact": "?from=a.b",
    "/query/{query_id}/export": "?format=csv",
    "/versions/diff": "?old=1",
}
PLACES = {
    "query_id": new_id("qry"),
    "candidate_id": new_id("cnd"),
    "correction_id": new_id("apr"),
    "entry_id": new_id("fbk"),
    "model_id": new_id("mdl"),
    "user_id": new_id("usr"),
    "session_id": new_id("cnv"),
    "choice_id": new_id("cho"),
    "share_id": new_id("shr"),
    "command": "docs",
    "name": "x",
}


@pytest.fixture(scope="module")
def gateway(deps: Deps) -> Iterator[Gateway]:
    with serving(deps, CONFIG) as found:
        yield found


def routes(router: Any) -> Iterator[tuple[str, str]]:
    """(method, path) of every route there is, `WS` for a WebSocket; a path is whole in the router that has it."""
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router)
        elif isinstance(route, APIWebSocketRoute | WebSocketRoute):
            yield "WS", route.path
        else:
            assert isinstance(route, APIRoute | Route), route
            yield from ((method, route.path) for method in sorted(route.methods or ()) if method != "HEAD")


def body(gateway: Gateway, door: str) -> Any:
    """A body with which the request itself is in order."""
    if "/auth/" in door:
        email = gateway.person()[1]
        if door.endswith("/login"):
            return {"email": email, "password": PASSWORD}
        return {"refresh_token": gateway.login(email)["refresh_token"]}
    if door == "POST /users":
        return {"email": f"{new_id('mail')}@example.com", "role": "viewer"}
    return BODIES.get(door)


def outcome(gateway: Gateway, method: str, path: str, role: str) -> str:
    """`401` or `403` where the role is refused, else `yes`: whatever else is wrong then, the door was open."""
    headers = {} if role == "nobody" else gateway.bearer(Role(role))
    if "/webhooks/" in path:  # they ask for a signature of the body, and a token is none
        headers = {"Authorization": "no signature"}
    job = jobs.request(gateway.deps, jobs.JobKind.SYNC, {}, trigger="admin", by="usr_x") if "{job_id}" in path else None
    filled = re.sub(r"\{(\w+)\}", lambda found: job.id if job is not None and found[1] == "job_id" else PLACES[found[1]], path)
    filled += ASKED.get(path.removeprefix(API), "")
    if method == "WS":
        try:
            with connect(f"{gateway.url.replace('http', 'ws', 1)}{filled}", additional_headers=headers):
                return "yes"
        except InvalidStatus as refused:
            status = refused.response.status_code
    else:
        sent = body(gateway, f"{method} {path.removeprefix(API)}") if method != "GET" else None
        with gateway.client.stream(method, filled, json=sent, headers={**headers, "If-Match": '"1"'}) as answer:
            status = answer.status_code
            if status in (400, 405, 413, 415, 422, 500):
                answer.read()
                assert status == 422, answer.text
                assert answer.json()["code"] != "DM7031", f"{method} {path}: the request of this test is not in order: {answer.text}"
    return str(status) if status in (401, 403) else "yes"


def test_the_page_says_who_gets_through_every_door(gateway: Gateway, deps: Deps) -> None:
    found = {
        f"{method} {path}": {role: outcome(gateway, method, path, role) for role in ROLES}
        for method, path in routes(create_app(deps, CONFIG))
    }
    if os.environ.get("DATAMIND_WRITE_DOORS"):
        write(table(found))
    assert table(found) == written()


def test_a_role_gets_through_what_a_lesser_one_does(gateway: Gateway) -> None:
    """By the page alone, which the test above holds to the gateway."""
    lines = [line.split(" | ") for line in written().splitlines()[2:]]
    assert len(lines) > 60
    for _, nobody, viewer, analyst, admin in lines:
        assert nobody in ("yes", "401")
        ranks = [one.strip(" |") == "yes" for one in (nobody, viewer, analyst, admin)]
        assert ranks == sorted(ranks)


def test_every_link_of_the_page_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", PAGE.read_text(encoding="utf-8"))
    assert [target for target in targets if not (PAGE.parent / target).exists()] == []
    assert sum("tests/" in target for target in targets) > 20
