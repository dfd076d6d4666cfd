"""Jobs over HTTP: asked for, followed over SSE and WebSocket, replayed; webhooks that are signed and taken once."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from app.gateway.config import GatewayConfig
from app.model.ids import new_id
from app.model.jobs import EventKind, JobKind, JobState
from app.model.principal import Role
from app.service import jobs
from app.service.jobs import Handler
from app.service.webhooks import Sender, WebhookSettings
from app.wiring.deps import opened
from tests.gateway.conftest import Gateway, problem, serving
from tests.support.demo import Demo

SECRETS = {Sender.GITHUB: "a secret for tests", Sender.DBT_CLOUD: "another secret for tests"}
PUSH = {"ref": "refs/heads/main", "after": "c0ffee"}
RUN = {"eventType": "job.run.completed", "data": {"runStatus": "Success"}}


@dataclass
class Site:
    gateway: Gateway

    def get(self, path: str, role: Role = Role.ADMIN, **headers: str):
        return self.gateway.client.get(f"/api/v1{path}", headers=self.gateway.bearer(role) | headers)

    def post(self, path: str, body: object = None, role: Role = Role.ADMIN):
        return self.gateway.client.post(f"/api/v1{path}", json=body, headers=self.gateway.bearer(role))

    def asked(self) -> str:
        answer = self.post("/admin/sync")
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def run(self, job_id: str, handler: Handler = lambda _deps, _job, _tell: {"n": 1}) -> str:
        return jobs.run(self.gateway.deps, job_id, {JobKind.SYNC: handler})

    def hook(self, path: str, body: bytes, **headers: str | bytes):
        return self.gateway.client.post(f"/api/v1/webhooks/{path}", content=body, headers={"Content-Type": "application/json", **headers})

    def github(self, content: object, event: str = "push", secret: str = SECRETS[Sender.GITHUB], delivery: str = "1"):
        body = json.dumps(content).encode()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.hook("github", body, **{"X-Hub-Signature-256": signature, "X-GitHub-Event": event, "X-GitHub-Delivery": delivery})

    def dbt_cloud(self, content: object, secret: str = SECRETS[Sender.DBT_CLOUD]):
        body = json.dumps(content).encode()
        return self.hook("dbt-cloud", body, Authorization=hmac.new(secret.encode(), body, hashlib.sha256).hexdigest())

    def socket(self, path: str, role: Role = Role.ADMIN, **more: object):
        url = self.gateway.url.replace("http", "ws", 1)
        given = {"additional_headers": self.gateway.bearer(role), **more}
        return connect(f"{url}/api/v1{path}", **given)


@pytest.fixture
def site(demo: Demo) -> Iterator[Site]:
    settings = demo.settings.model_copy(update={"project_id": new_id("prj")})
    with opened(settings, demo.servers) as deps:
        config = GatewayConfig(webhooks=WebhookSettings(SECRETS))
        with serving(replace(deps), config) as gateway:
            person = gateway.person
            gateway.person = lambda role, **more: person(role, project_id=settings.project_id, **more)
            yield Site(gateway)


def test_a_job_is_asked_for_and_shown(site: Site) -> None:
    job_id = site.asked()
    shown = site.get(f"/jobs/{job_id}").json()
    assert (shown["kind"], shown["state"], shown["trigger"], shown["attempts"]) == ("sync", "queued", "admin", 0)
    assert site.run(job_id) == "succeeded"
    shown = site.get(f"/jobs/{job_id}").json()
    assert (shown["state"], shown["result"], shown["problems"]) == ("succeeded", {"n": 1}, [])
    assert [one["id"] for one in site.get("/jobs").json()["items"]] == [job_id]
    assert site.get("/jobs?state=dead").json()["items"] == []
    problem(site.get(f"/jobs/{new_id('job')}"), 404, "DM8030")
    problem(site.get("/jobs/nonsense"), 422, "DM7031")
    problem(site.post("/admin/sync", {"force": True}), 422, "DM8024")


def test_a_dead_job_is_replayed(site: Site) -> None:
    job_id = site.asked()

    def fail(*_given: object) -> dict[str, object]:
        raise OSError("gone")

    for _ in range(4):
        site.run(job_id, fail)
    (dead,) = site.get("/jobs?state=dead").json()["items"]
    assert (dead["id"], dead["problems"][0]["code"]) == (job_id, "DM9001")
    assert site.post(f"/jobs/{job_id}/replay").json()["state"] == "queued"
    problem(site.post(f"/jobs/{job_id}/replay"), 409, "DM8031")
    assert site.run(job_id) == "succeeded"


def test_events_come_while_the_job_runs_and_go_on_where_they_were_left(site: Site) -> None:
    job_id, step_seen = site.asked(), threading.Event()

    def work(_deps: object, _job: object, tell: jobs.Tell) -> dict[str, object]:
        tell(EventKind.STEP, {"step": "read", "index": 2, "of": 7})
        assert step_seen.wait(30)
        tell(EventKind.LINE, {"line": "a\n\nevent: fake\ndata: x"})
        return {}

    thread = threading.Thread(target=site.run, args=(job_id, work))
    seen: list[tuple[str, dict[str, object]]] = []
    with site.gateway.client.stream("GET", f"/api/v1/jobs/{job_id}/events", headers=site.gateway.bearer(Role.ADMIN)) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        thread.start()
        kind = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                seen.append((kind, json.loads(line[6:])))
                if kind == "step":
                    step_seen.set()
    thread.join()
    assert [kind for kind, _ in seen] == ["state", "state", "step", "line", "state", "end"]
    assert seen[3][1]["data"] == {"line": "a\n\nevent: fake\ndata: x"}
    assert seen[-2][1]["data"]["state"] == JobState.SUCCEEDED
    later = site.get(f"/jobs/{job_id}/events", **{"Last-Event-ID": str(seen[3][1]["seq"])}).text
    assert later.count("event: state") == 1
    assert "event: line" not in later


def test_events_come_over_websocket(site: Site) -> None:
    job_id = site.asked()
    site.run(job_id)
    with site.socket(f"/jobs/{job_id}/events") as socket:
        told = [json.loads(socket.recv(timeout=10)) for _ in range(3)]
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
    assert [event["data"]["state"] for event in told] == ["queued", "running", "succeeded"]
    token = site.gateway.bearer(Role.ADMIN)["Authorization"].split()[1]
    with site.socket(f"/events?after={told[0]['seq']}", additional_headers={}, subprotocols=["bearer", token]) as socket:
        assert socket.subprotocol == "bearer"
        assert [json.loads(socket.recv(timeout=10))["seq"] for _ in range(2)] == [told[1]["seq"], told[2]["seq"]]
        other = site.asked()
        assert json.loads(socket.recv(timeout=10))["job_id"] == other


def test_events_are_for_admins_of_the_project(site: Site) -> None:
    job_id = site.asked()
    for path in (f"/jobs/{job_id}/events", "/events", "/jobs", f"/jobs/{job_id}"):
        problem(site.get(path, Role.ANALYST), 403, "DM7011")
        problem(site.gateway.client.get(f"/api/v1{path}"), 401, "DM7002")
    problem(site.post("/admin/sync", {}, Role.ANALYST), 403, "DM7011")
    problem(site.post(f"/jobs/{job_id}/replay", None, Role.ANALYST), 403, "DM7011")
    for given, status in (({"role": Role.ANALYST}, 403), ({"additional_headers": {}}, 401)):
        with pytest.raises(InvalidStatus) as raised, site.socket(f"/jobs/{job_id}/events", **given):
            pass
        assert raised.value.response.status_code == status


def test_a_push_asks_for_one_sync_however_often_it_comes(site: Site) -> None:
    taken = site.github(PUSH)
    assert taken.status_code == 202, taken.text
    job = site.get(f"/jobs/{taken.json()['job_id']}").json()
    assert (job["trigger"], job["arguments"]) == ("webhook:github", {"fetch": True})
    problem(site.github(PUSH), 409, "DM8036")
    problem(site.github(PUSH, delivery="2"), 409, "DM8036")
    assert site.github(PUSH | {"after": "beef"}).status_code == 202
    assert len(site.get("/jobs").json()["items"]) == 2


def test_dbt_cloud_tells_of_runs_that_succeeded(site: Site) -> None:
    assert site.dbt_cloud(RUN).status_code == 202
    problem(site.dbt_cloud(RUN), 409, "DM8036")
    failed = {"eventType": "job.run.completed", "data": {"runStatus": "Error"}}
    for content in (failed, {"eventType": "job.run.started"}, {"data": []}):
        ignored = site.dbt_cloud(content)
        assert (ignored.status_code, ignored.json()["job_id"]) == (200, None)
        assert ignored.json()["reason"]


@pytest.mark.parametrize(("content", "event"), [({"zen": "x"}, "ping"), (PUSH | {"ref": "refs/heads/other"}, "push"), ({}, "push")])
def test_other_events_call_for_nothing(site: Site, content: object, event: str) -> None:
    ignored = site.github(content, event)
    assert (ignored.status_code, ignored.json()["job_id"]) == (200, None)
    assert site.get("/jobs").json()["items"] == []


def test_what_is_not_signed_with_the_secret_is_refused(site: Site) -> None:
    body = json.dumps(PUSH).encode()
    good = "sha256=" + hmac.new(SECRETS[Sender.GITHUB].encode(), body, hashlib.sha256).hexdigest()
    sha1 = "sha1=" + hmac.new(SECRETS[Sender.GITHUB].encode(), body, hashlib.sha1).hexdigest()
    wrong = ["", "sha256=", "sha256=" + "0" * 64, good[7:], good.upper(), good[:-1], sha1, "sha256=none", "sha256=é"]
    for signature in wrong:
        headers = {"X-Hub-Signature-256": signature.encode(), "X-GitHub-Event": b"push"}
        problem(site.hook("github", body, **headers), 401, "DM8035")
    problem(site.hook("github", body + b" ", **{"X-Hub-Signature-256": good, "X-GitHub-Event": "push"}), 401, "DM8035")
    problem(site.github(PUSH, secret=SECRETS[Sender.DBT_CLOUD]), 401, "DM8035")
    problem(site.dbt_cloud(RUN, secret=SECRETS[Sender.GITHUB]), 401, "DM8035")
    problem(site.github([1, 2]), 400, "DM7030")
    assert site.get("/jobs").json()["items"] == []


def test_without_a_secret_no_webhook_is_taken(demo: Demo) -> None:
    with serving(demo.deps) as gateway:
        site = Site(gateway)
        problem(site.github(PUSH), 403, "DM8034")
        problem(site.github(PUSH, secret=""), 403, "DM8034")
        problem(site.dbt_cloud(RUN), 403, "DM8034")
