"""The catalogue of events: every operation of the API and every use case beside it writes its own, and the page names them all."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from msgspec.structs import replace

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.scripted import ScriptedModel
from app.errors import UserError
from app.gateway.config import GatewayConfig
from app.gateway.serve import started
from app.model.audit.catalogue import CATALOGUE, EventType
from app.model.corrections import CorrectionState
from app.model.ids import new_id
from app.model.jobs import JobKind
from app.model.principal import Principal, Role
from app.ports.audit import AuditFilter
from app.service import jobs
from app.service.audit import Caller, record
from app.service.audit_verify import verify
from app.service.dbt_commands import DbtRequest
from app.service.dbt_runs import run_dbt
from app.service.exports.recorded import exported
from app.service.model_replay import ask_for_models
from app.service.query import query
from app.service.replay_job import ask_for_what_lacks, run_replay
from app.service.request import QueryRequest
from app.service.sync import sync
from app.service.webhooks import Sender, WebhookSettings
from app.settings import Settings
from app.wiring.deps import opened
from tests.gateway.conftest import PASSWORD, Gateway, serving
from tests.support.demo import ROOT, Demo

GENERATE, EXECUTE = EventType.QUERY_GENERATE, EventType.QUERY_EXECUTE
OPERATIONS: dict[str, tuple[EventType, ...] | str] = {
    "POST /ask": (EXECUTE,),
    "POST /chat": (EXECUTE,),
    "POST /answers/{query_id}/share": (EventType.SHARE_CREATE,),
    "GET /shared/{share_id}": (EventType.SHARE_OPEN, EXECUTE),
    "DELETE /shared/{share_id}": (EventType.SHARE_REVOKE,),
    "GET /users/me/data": (EventType.USER_EXPORT,),
    "DELETE /users/me/data": (EventType.USER_FORGET,),
    "GET /users/{user_id}/data": (EventType.USER_EXPORT,),
    "DELETE /users/{user_id}/data": (EventType.USER_FORGET,),
    **dict.fromkeys(
        (
            "GET /chat/sessions", "PATCH /chat/sessions/{session_id}", "DELETE /chat/sessions/{session_id}", "GET /chat/history", "GET /chat/choices",
            "DELETE /chat/choices", "DELETE /chat/choices/{choice_id}", "GET /shared",
        ),
        "is about the caller's own notes, which nobody else sees; what was asked is in the trail already",
    ),
    **dict.fromkeys(
        ("GET /suggestions", "GET /suggestions/trending"),
        "offers questions of the caller's own view and says nothing of what is in rows",
    ),
    "POST /query": (EXECUTE,),
    "POST /query/explain": (GENERATE,),
    "GET /query/{query_id}": (EventType.QUERY_READ,),
    "GET /query/{query_id}/export": (EXECUTE, EventType.QUERY_EXPORT),
    "POST /sql/generate": (GENERATE,),
    "POST /sql/validate": (GENERATE,),
    "POST /sql/execute": (EXECUTE,),
    "POST /compiler/compile": (EventType.LAYER_SYNC, EventType.LAYER_PUBLISH),
    "POST /versions/rollback": (EventType.LAYER_PUBLISH,),
    "POST /versions/candidates/{candidate_id}/approve": (EventType.LAYER_PUBLISH,),
    "POST /versions/candidates/{candidate_id}/reject": (EventType.LAYER_REJECT,),
    "POST /admin/sync": (EventType.JOB_REQUEST,),
    "POST /admin/dbt/{command}": (EventType.JOB_REQUEST,),
    "POST /jobs/{job_id}/replay": (EventType.JOB_REPLAY,),
    "POST /webhooks/github": (EventType.WEBHOOK,),
    "POST /webhooks/dbt-cloud": (EventType.WEBHOOK,),
    "POST /feedback/flag": (EventType.FEEDBACK_FLAG,),
    "GET /admin/training-data": (EventType.FEEDBACK_READ,),
    "GET /admin/training-data/corrections": (EventType.FEEDBACK_READ,),
    "GET /admin/training-data/replay": (EventType.FEEDBACK_READ,),
    "GET /admin/training-data/{entry_id}/patch": "shows an admin a change of the project, and changes nothing",
    "POST /admin/training-data/approve": (EventType.FEEDBACK_APPROVE,),
    "POST /admin/training-data/reject": (EventType.FEEDBACK_REJECT,),
    "POST /admin/training-data/corrections/{correction_id}/accept": (EventType.FEEDBACK_ACCEPT,),
    "POST /admin/training-data/corrections/{correction_id}/withdraw": (EventType.FEEDBACK_WITHDRAW,),
    "POST /auth/login": (EventType.AUTH_LOGIN,),
    "POST /auth/refresh": (EventType.AUTH_REFRESH,),
    "POST /auth/logout": (EventType.AUTH_LOGOUT,),
    "POST /users": (EventType.USER_CREATE,),
    "PATCH /users/{user_id}": (EventType.USER_CHANGE,),
    "POST /data-control/policies": (EventType.POLICY_CREATE,),
    "POST /policies/rows": (EventType.POLICY_CREATE,),
    "POST /policies/columns": (EventType.POLICY_CREATE,),
    "PUT /data-control/policies/{name}": (EventType.POLICY_UPDATE,),
    "PATCH /data-control/policies/{name}": (EventType.POLICY_UPDATE,),
    "DELETE /data-control/policies/{name}": (EventType.POLICY_DELETE,),
    "POST /data-control/policies/check": "shows an admin what policies make, and no data",
    "GET /security/audit-log": (EventType.AUDIT_READ,),
    "POST /semantic/interpret": "reads words by the caller's view of the layer; nothing is planned, run or kept",
    **dict.fromkeys(
        (
            "GET /semantic/models", "GET /metrics", "GET /metrics/{name}", "GET /metrics/{name}/dimensions", "GET /dimensions", "GET /dimensions/{name}",
            "GET /entities", "GET /entities/{name}", "GET /segments", "GET /hierarchies", "GET /glossary", "GET /glossary/{name}",
            "GET /lineage/metrics/{name}", "GET /lineage/impact",
        ),
        "shows the caller's view of the layer: definitions, no data",
    ),
    **dict.fromkeys(("GET /quality",), "shows what dbt said of the data, as far as the caller may know"),
    **dict.fromkeys(
        ("GET /versions", "GET /versions/candidates", "GET /versions/diff", "GET /versions/{name}"), "shows definitions to an admin, and changes nothing"
    ),
    **dict.fromkeys(("GET /jobs", "GET /jobs/{job_id}", "GET /jobs/{job_id}/events", "GET /events"), "shows work to an admin, and changes nothing"),
    **dict.fromkeys(
        (
            "GET /data-control/policies", "GET /data-control/policies/{name}", "GET /data-control/policies/{name}/history", "GET /policies/rows",
            "GET /policies/columns",
        ),
        "shows policies to an admin, and changes nothing",
    ),
    "GET /admin/dbt/runs": "shows runs of dbt to an admin, and changes nothing",
    "GET /models": (EventType.FEEDBACK_READ,),
    "POST /models/{model_id}/accept": (EventType.MODEL_ACCEPT,),
    "POST /models/{model_id}/reject": (EventType.MODEL_REJECT,),
    "GET /models/usage": "shows sums of tokens and cost to an admin, and changes nothing",
    "GET /users": "shows people to an admin, and changes nothing",
    "GET /auth/me": "shows the caller to the caller",
    **dict.fromkeys(("GET /health", "GET /live", "GET /ready"), "is a probe"),
}  # fmt: skip
"""What each operation writes, or why nothing. An operation that is not here fails a test: whoever adds one decides."""

SECRETS = {Sender.GITHUB: "a secret for tests", Sender.DBT_CLOUD: "another secret for tests"}
METRIC_QUERY = {"metrics": ["revenue"], "group_by": ["metric_time__year"]}
SELECT = "select country, count(*) as n from dim_customers where country <> 'Narnia' group by country"


@dataclass
class Walk:
    """Somebody who calls every operation, each with a correlation id of its own."""

    gateway: Gateway
    folder: Path
    settings: Settings
    correlations: dict[str, str] = field(default_factory=dict)

    def call(
        self, operation: str, path: str = "", body: Any = None, role: Role | None = Role.ADMIN, status: int = 200, **more: Any
    ) -> httpx2.Response:
        """The answer, which has that status."""
        method, template = operation.split(" ")
        headers = self.gateway.bearer(role) if role else {}
        self.correlations[operation] = correlation = new_id("cor")
        headers |= more.pop("headers", {}) | {"X-Correlation-ID": correlation}
        answer = self.gateway.client.request(method, f"/api/v1{path or template}", json=body, headers=headers, **more)
        assert answer.status_code == status, (operation, answer.text)
        return answer

    def drop(self, metric: str) -> None:
        """Take a metric out of the project."""
        for engine in ("postgres", "clickhouse"):
            path = self.folder / "target" / engine / "manifest.json"
            manifest = json.loads(path.read_bytes())
            manifest["metrics"].pop(f"metric.kettle_and_crane.{metric}")
            path.write_text(json.dumps(manifest))
            (path.parent / "semantic_manifest.json").unlink(missing_ok=True)

    def waiting(self, metric: str) -> str:
        """The id of a candidate that lacks the metric."""
        self.drop(metric)
        self.call("POST /compiler/compile", body={}, status=409)
        return str(self.call("GET /versions/candidates").json()["items"][0]["id"])

    def dead_job(self) -> str:
        """The id of a job that was given up."""
        deps = self.gateway.deps
        job = jobs.request(deps, JobKind.SYNC, {}, trigger="test", by="test")
        assert job is not None

        def fail(*_given: object) -> dict[str, object]:
            raise RuntimeError

        while jobs.run(deps, job.id, {JobKind.SYNC: fail}) != "dead":
            pass
        return job.id

    def hook(self, operation: str, sender: Sender, header: str, content: dict[str, object], **headers: str) -> None:
        body = json.dumps(content).encode()
        signature = hmac.new(SECRETS[sender].encode(), body, hashlib.sha256).hexdigest()
        prefix = "sha256=" if sender is Sender.GITHUB else ""
        self.call(
            operation,
            role=None,
            status=202,
            content=body,
            headers={header: prefix + signature, "Content-Type": "application/json", **headers},
        )

    def every_operation(self) -> None:
        """Each operation of the table that writes an event."""
        self.call("POST /ask", body={"question": "revenue by year"}, role=Role.ANALYST)
        asked = self.call("POST /query", body=METRIC_QUERY, role=Role.ANALYST).json()["query_id"]
        self.call("POST /query/explain", body=METRIC_QUERY, role=Role.ANALYST)
        self.call("GET /query/{query_id}", f"/query/{asked}")
        self.call("GET /query/{query_id}/export", f"/query/{asked}/export?format=csv", role=Role.ANALYST)
        self.call("POST /sql/generate", body={"question": "revenue by year"}, role=Role.ANALYST)
        self.call("POST /sql/validate", body={"sql": SELECT, "source": "postgres"}, role=Role.ANALYST)
        self.call("POST /sql/execute", body={"sql": SELECT, "source": "postgres"}, role=Role.ANALYST)
        self.call("POST /feedback/flag", body={"query_id": asked, "comment": "hm", "rating": 1}, role=Role.ANALYST, status=201)
        self.corrections(asked)
        self.call("POST /chat", body={"question": "revenue by year"}, role=Role.ANALYST)
        link = self.call("POST /answers/{query_id}/share", f"/answers/{asked}/share", role=Role.ANALYST, status=201).json()["id"]
        self.call("GET /shared/{share_id}", f"/shared/{link}", role=Role.VIEWER)
        self.call("DELETE /shared/{share_id}", f"/shared/{link}", status=204)
        candidate = self.waiting("bounce_rate")
        self.call("POST /versions/candidates/{candidate_id}/reject", f"/versions/candidates/{candidate}/reject", {"reason": "no"})
        self.call("POST /versions/candidates/{candidate_id}/approve", f"/versions/candidates/{candidate}/approve", {"reason": "yes"})
        self.call("POST /versions/rollback", body={"reason": "back"})
        self.call("POST /compiler/compile", body={"force": True, "reason": "agreed"})
        self.call("POST /admin/sync", body={}, status=202)
        self.call("POST /admin/dbt/{command}", "/admin/dbt/test", {}, status=202)
        self.call("POST /jobs/{job_id}/replay", f"/jobs/{self.dead_job()}/replay", status=202)
        self.hook(
            "POST /webhooks/github",
            Sender.GITHUB,
            "X-Hub-Signature-256",
            {"ref": "refs/heads/main", "n": new_id("x")},
            **{"X-GitHub-Event": "push"},
        )
        run = {"eventType": "job.run.completed", "data": {"runStatus": "Success"}, "n": new_id("x")}
        self.hook("POST /webhooks/dbt-cloud", Sender.DBT_CLOUD, "Authorization", run)
        made = self.call(
            "POST /users", body={"email": f"{new_id('m')}@example.com", "role": "analyst", "password": PASSWORD}, status=201
        ).json()
        pair = self.call("POST /auth/login", body={"email": made["email"], "password": PASSWORD}, role=None).json()
        again = self.call("POST /auth/refresh", body={"refresh_token": pair["refresh_token"]}, role=None).json()
        self.call("POST /auth/logout", body={"refresh_token": again["refresh_token"]}, role=None, status=204)
        self.call("PATCH /users/{user_id}", f"/users/{made['id']}", {"groups": ["x"]})
        for method in ("GET", "DELETE"):
            self.call(f"{method} /users/me/data", role=Role.VIEWER)
            self.call(f"{method} /users/{{user_id}}/data", f"/users/{made['id']}/data")
        self.models()
        self.policies()
        self.call("GET /security/audit-log")

    def corrections(self, query_id: str) -> None:
        """Every operation on what was said of an answer."""
        deps, at = self.gateway.deps, "/admin/training-data"
        found = self.call("GET /admin/training-data").json()["items"][0]
        self.call("POST /admin/training-data/reject", body={"flagged_entry_id": found["id"], "reason": "it is right"})
        flag = {"query_id": query_id, "comment": "no", "rating": 1}
        entry = self.call("POST /feedback/flag", body=flag, role=Role.ANALYST, status=201).json()["feedback_id"]
        given = {"flagged_entry_id": entry, "question": "the Narnia board", "corrected_query": METRIC_QUERY}
        made = self.call("POST /admin/training-data/approve", body=given, status=202).json()["id"]
        kept = deps.corrections.store.get(made, deps.project_id)
        assert kept is not None
        assert deps.corrections.store.settle(replace(kept, state=CorrectionState.HELD), before=CorrectionState.PENDING)
        self.call("GET /admin/training-data/corrections")
        self.call("GET /admin/training-data/replay")
        for what, status in (("accept", 202), ("withdraw", 200)):
            operation = f"POST /admin/training-data/corrections/{{correction_id}}/{what}"
            self.call(operation, f"{at}/corrections/{made}/{what}", {"reason": "tested"}, status=status)

    def models(self) -> None:
        """Every operation on a language model, which passes at once where nothing is approved."""
        deps = self.gateway.deps
        ask_for_models(dataclasses.replace(deps, model=Drafter(ScriptedModel(self.folder / "rules.json"))))
        model = self.call("GET /models").json()["items"][0]["id"]
        for what in ("reject", "accept"):
            self.call(f"POST /models/{{model_id}}/{what}", f"/models/{model}/{what}", {"reason": "tested"})

    def policies(self) -> None:
        """Every operation that writes a policy."""
        at, closed, rows = (
            "/data-control/policies",
            {"deny": True, "columns": ["dim_customers.city"]},
            {"rows": "country = 'Narnia'", "models": ["dim_customers"]},
        )
        self.call("POST /data-control/policies", body={"name": "one", **closed}, status=201)
        self.call("POST /policies/rows", body={"name": "two", **rows, "permissive": False, "roles": ["viewer"]}, status=201)
        self.call("POST /policies/columns", body={"name": "three", **closed, "roles": ["viewer"]}, status=201)
        self.call(
            "PUT /data-control/policies/{name}", f"{at}/one", {"name": "one", **closed, "roles": ["viewer"]}, headers={"If-Match": '"1"'}
        )
        self.call("PATCH /data-control/policies/{name}", f"{at}/one", {"enabled": False}, headers={"If-Match": '"2"'})
        self.call("DELETE /data-control/policies/{name}", f"{at}/one", headers={"If-Match": '"3"'})

    def beside_the_api(self) -> None:
        """What is done through other doors, and what is refused."""
        deps = self.gateway.deps
        admin = Caller(Principal("cli", "cli@localhost", Role.ADMIN, deps.project_id), "cli")
        turn = query(deps, admin, QueryRequest(metrics=("revenue",)))
        with exported(deps, admin, turn, "csv"):
            pass
        with pytest.raises(UserError):
            run_dbt(deps, admin, DbtRequest("test", "postgres", select=("no_such_model",)))
        ask_for_what_lacks(deps)
        job = next(one for one in jobs.list_jobs(deps) if one.kind is JobKind.REPLAY and "mark" in one.arguments)
        jobs.run(deps, job.id, {JobKind.REPLAY: run_replay})
        started(self.settings, deps)
        self.call("GET /users", role=Role.ANALYST, status=403)
        stolen = self.gateway.login(self.gateway.person(Role.ANALYST)[1])["refresh_token"]
        for status in (200, 401):
            self.call("POST /auth/refresh", body={"refresh_token": stolen}, role=None, status=status)


@pytest.fixture(scope="module")
def walk(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("events") / "dbt_project"
    shutil.copytree(demo.settings.dbt_project_path, folder)
    settings = demo.settings.model_copy(update={"dbt_project_path": folder, "project_id": new_id("prj")})
    with opened(settings, demo.servers) as deps:
        sync(deps)
        with serving(deps, GatewayConfig(webhooks=WebhookSettings(SECRETS))) as gateway:
            person = gateway.person
            gateway.person = lambda role, **more: person(role, project_id=settings.project_id, **more)
            yield Walk(gateway, folder, settings)


def test_every_operation_says_what_it_writes(walk: Walk) -> None:
    paths = walk.gateway.client.get("/openapi.json").json()["paths"]
    there = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/api/v1")
    }
    assert there == set(OPERATIONS)
    unwritten = {operation for operation, said in OPERATIONS.items() if isinstance(said, str)}
    assert {operation for operation in unwritten if not operation.startswith("GET ")} == {
        "POST /semantic/interpret",
        "POST /data-control/policies/check",
        "PATCH /chat/sessions/{session_id}",
        "DELETE /chat/sessions/{session_id}",
        "DELETE /chat/choices",
        "DELETE /chat/choices/{choice_id}",
    }


def test_every_operation_and_use_case_writes_its_own(walk: Walk, demo: Demo) -> None:
    walk.every_operation()
    calls = dict(walk.correlations)
    walk.beside_the_api()
    project = walk.settings.project_id
    trail = walk.gateway.deps.trail.trail
    written = {name: said for name, said in OPERATIONS.items() if not isinstance(said, str)}
    assert set(written) <= set(calls)
    for operation, events in written.items():
        found = trail.page(project, AuditFilter(correlation_id=calls[operation]), 0, 100)
        assert {one.event_type for one in found} == {str(event) for event in events}, operation
        statuses = [one.status for one in reversed(found)]
        for event in events:
            if "begin" in CATALOGUE[event].statuses:
                assert statuses[0] == "begin", (operation, statuses)
            if event is not EventType.WEBHOOK:
                assert statuses[-1] != "begin", (operation, statuses)
    with psycopg.connect(demo.servers.store) as connection:
        rows = connection.execute(
            "SELECT event_type, status, details, email FROM audit.audit_log WHERE project_id = %s", (project,)
        ).fetchall()
    assert {row[0] for row in rows} == set(EventType)
    text = str(rows)
    assert "Narnia" not in text
    shapes = {json.loads(row[2]).get("sql", "") for row in rows}
    assert any(re.search(r"country\W+<> \?", shape) for shape in shapes), shapes
    assert PASSWORD not in text
    assert not re.search(r"[^*'\s]@example\.com", text)
    walk.gateway.deps.audit.close()  # type: ignore[attr-defined]
    assert verify(walk.gateway.deps.trail, project).whole


def test_what_the_catalogue_does_not_know_is_not_written(walk: Walk) -> None:
    deps = walk.gateway.deps
    given: dict[str, Any] = {"user_id": "u", "project_id": "p", "component": "c"}
    for wrong in ({"status": "begun"}, {"status": "begin", "row": "Ana"}):
        with pytest.raises(ValueError, match="the catalogue has no"):
            record(deps.audit, deps.clock, event_type=EventType.QUERY_EXECUTE, **given, **wrong)


def test_the_page_lists_the_catalogue() -> None:
    page = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in page.partition("## The catalogue")[2].splitlines()
        if re.match(r"\| `[a-z_.]+` \|", line)
    ]
    listed = {row[0].strip("`"): row[1:] for row in rows}
    assert listed == {
        str(event): [kind.when, ", ".join(kind.statuses), ", ".join(f"`{name}`" for name in kind.details)]
        for event, kind in CATALOGUE.items()
    }
