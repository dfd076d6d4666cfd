"""Compiling, versions and decisions over HTTP."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.gateway.config import GatewayConfig
from app.gateway.gate import MOST_LONG
from app.gateway.routes import compiler
from app.model.ids import new_id
from app.model.principal import Role
from app.service.sync import sync
from app.wiring.deps import opened
from tests.gateway.conftest import Gateway, problem, serving, wait_until
from tests.support.demo import Demo


@dataclass
class Site:
    gateway: Gateway
    folder: Path

    def post(self, path: str, body: dict[str, object], role: Role = Role.ADMIN):
        return self.gateway.client.post(f"/api/v1{path}", json=body, headers=self.gateway.bearer(role))

    def get(self, path: str, role: Role = Role.ADMIN):
        return self.gateway.client.get(f"/api/v1{path}", headers=self.gateway.bearer(role))

    def working(self) -> int:
        """How many use cases go on."""
        page = self.gateway.client.get("/metrics").text
        return int(float(next(line.split()[1] for line in page.splitlines() if line.startswith("datamind_working "))))

    def drop(self, metric: str) -> None:
        for engine in ("postgres", "clickhouse"):
            path = self.folder / "target" / engine / "manifest.json"
            manifest = json.loads(path.read_bytes())
            manifest["metrics"].pop(f"metric.kettle_and_crane.{metric}")
            path.write_text(json.dumps(manifest))
            (path.parent / "semantic_manifest.json").unlink(missing_ok=True)


@pytest.fixture
def site(demo: Demo, tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "dbt_project"
    shutil.copytree(demo.settings.dbt_project_path, folder)
    settings = demo.settings.model_copy(update={"dbt_project_path": folder, "project_id": new_id("prj")})
    with opened(settings, demo.servers) as deps:
        sync(deps)
        with serving(replace(deps), GatewayConfig(threads=1)) as gateway:
            person = gateway.person
            gateway.person = lambda role, **more: person(role, project_id=settings.project_id, **more)
            yield Site(gateway, folder)


def test_a_breaking_change_is_409_unless_an_admin_forces_it_with_a_reason(site: Site) -> None:
    site.drop("bounce_rate")
    body = problem(site.post("/compiler/compile", {}), 409, "DM8003")
    (change,) = [item for item in body["problems"] if item["code"] == "DM8005"]
    assert change["where"]["file"] == "models/metrics/web.yml"
    assert change["where"]["line"] == 45
    assert site.get("/versions/current").json()["version"]["number"] == 1
    dry = site.post("/compiler/compile", {"dry_run": True}).json()
    assert (dry["published"], dry["changes"][0]["class"]) == (False, "breaking")
    assert [one["code"] for one in dry["refused"]] == ["DM8003"]
    problem(site.post("/compiler/compile", {"force": True}), 422, "DM8024")
    problem(site.post("/compiler/compile", {"force": True, "reason": "x"}, Role.ANALYST), 403, "DM7011")
    forced = site.post("/compiler/compile", {"force": True, "reason": "agreed"})
    assert forced.status_code == 200, forced.text
    assert (forced.json()["published"], forced.json()["number"]) == (True, 2)
    shown = site.get("/versions/2").json()
    assert (shown["version"]["origin"], shown["version"]["reason"], shown["since"]["number"]) == ("forced", "agreed", 1)
    assert "bounce_rate" in json.dumps(shown["changes"])
    assert site.get("/metrics", Role.ANALYST).status_code == 200
    problem(site.get("/metrics/bounce_rate", Role.ANALYST), 404, "DM3001")


def test_what_waits_is_approved_or_rejected_once(site: Site) -> None:
    site.drop("bounce_rate")
    problem(site.post("/compiler/compile", {}), 409, "DM8003")
    (waits,) = site.get("/versions/candidates").json()["items"]
    assert (waits["state"], waits["causes"]) == ("open", ["breaking"])
    path = f"/versions/candidates/{waits['id']}"
    problem(site.post(f"{path}/approve", {"reason": ""}), 422, "DM7031")
    problem(site.post(f"{path}/approve", {"reason": "x"}, Role.ANALYST), 403, "DM7011")
    assert site.post(f"{path}/reject", {"reason": "no"}).json()["state"] == "rejected"
    problem(site.post(f"{path}/reject", {"reason": "no"}), 409, "DM8022")
    assert site.post(f"{path}/approve", {"reason": "yes after all"}).json()["origin"] == "approved"
    assert site.get("/versions/candidates").json()["items"] == []
    assert [one["state"] for one in site.get("/versions/candidates?decided=true").json()["items"]] == ["published"]


def test_rolling_back_is_seen_by_the_next_answer(site: Site) -> None:
    site.drop("bounce_rate")
    site.post("/compiler/compile", {"force": True, "reason": "agreed"})
    problem(site.get("/metrics/bounce_rate", Role.ANALYST), 404, "DM3001")
    back = site.post("/versions/rollback", {"reason": "it is needed"})
    assert (back.json()["number"], back.json()["restores"], back.json()["origin"]) == (3, 1, "rollback")
    assert site.get("/metrics/bounce_rate", Role.ANALYST).status_code == 200
    problem(site.post("/compiler/compile", {}), 409, "DM8009")
    problem(site.post("/versions/rollback", {"to": "9"}), 404, "DM8021")
    problem(site.post("/versions/rollback", {"to": "3"}), 409, "DM8022")
    assert site.get("/versions/diff?old=1&new=2").json()["counts"]["breaking"] > 0


def test_versions_come_in_pages(site: Site) -> None:
    for number, metric in enumerate(("bounce_rate", "pages_per_session")):
        site.drop(metric)
        assert site.post("/compiler/compile", {"force": True, "reason": "x"}).json()["number"] == number + 2
    first = site.get("/versions?limit=2").json()
    assert [one["number"] for one in first["items"]] == [3, 2]
    second = site.get(f"/versions?limit=2&cursor={first['next_cursor']}").json()
    assert ([one["number"] for one in second["items"]], second["next_cursor"]) == ([1], None)
    problem(site.get("/versions?cursor=bm9uZQ"), 400, "DM7036")
    site.gateway.person(Role.ANALYST)
    of_users = site.get("/users?limit=1").json()["next_cursor"]
    assert of_users is not None
    problem(site.get(f"/versions?cursor={of_users}"), 400, "DM7036")


@pytest.mark.parametrize("path", ["/versions", "/versions/1", "/versions/candidates", "/versions/diff?old=1"])
def test_versions_are_for_admins(site: Site, path: str) -> None:
    problem(site.get(path, Role.ANALYST), 403, "DM7011")
    problem(site.gateway.client.get(f"/api/v1{path}"), 401, "DM7002")


def test_compiling_parses_what_was_edited(site: Site) -> None:
    path = site.folder / "models" / "metrics" / "web.yml"
    path.write_text(path.read_text().replace("name: bounce_rate", "name: share_of_bounces", 1))
    body = problem(site.post("/compiler/compile", {}), 409, "DM8003")
    assert any("bounce_rate" in item["message"] for item in body["problems"])


def hung(site: Site, count: int) -> list[socket.socket]:
    """Connections on each of which somebody waits for a compile."""
    host, port = site.gateway.url.removeprefix("http://").split(":")
    token = site.gateway.bearer(Role.ADMIN)["Authorization"]
    ask = f"POST /api/v1/compiler/compile HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    found = [socket.create_connection((host, int(port))) for _ in range(count)]
    for one in found:
        one.sendall(ask.encode())
    return found


def test_compiling_holds_no_thread_that_answers_and_ends_with_its_client(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "TURN_SECONDS", 600.0)
    deps = site.gateway.deps
    with deps.locks.hold("sync", deps.project_id) as ours:
        assert ours
        waiting = hung(site, MOST_LONG)
        wait_until(lambda: site.working() == MOST_LONG)
        problem(site.post("/compiler/compile", {}), 429, "DM8038")
        assert site.get("/jobs").status_code == 200  # of the one thread that answers
        for one in waiting:
            one.close()
        wait_until(lambda: site.working() == 0)
        monkeypatch.setattr(compiler, "TURN_SECONDS", 0.1)
        problem(site.post("/compiler/compile", {}), 409, "DM8008")
    assert site.post("/compiler/compile", {}).status_code == 200


def test_a_project_that_is_gone_is_told_over_http(site: Site) -> None:
    shutil.rmtree(site.folder)
    problem(site.post("/compiler/compile", {}), 503, "DM1022")
