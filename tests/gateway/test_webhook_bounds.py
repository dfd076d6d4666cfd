"""Webhooks within bounds: bodies as large as GitHub's, and an audit trail that nobody without the secret can fill."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import psycopg
import pytest

from app.gateway.config import GatewayConfig
from app.model.ids import new_id
from app.service import jobs
from app.service.deps import Deps
from app.service.refusals import EVERY
from app.service.webhooks import Sender, WebhookSettings
from tests.gateway.conftest import Clock, Gateway, problem, serving

SECRET = "a secret for tests"


@dataclass
class Hooks:
    gateway: Gateway
    clock: Clock
    store_url: str

    def push(self, size: int = 0, secret: str = SECRET, path: str = "webhooks/github") -> httpx2.Response:
        """A push whose body has at least so many bytes."""
        body = json.dumps({"commits": ["x" * size], "ref": "refs/heads/main"}).encode()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature, "X-GitHub-Event": "push"}
        return self.gateway.client.post(f"/api/v1/{path}", content=body, headers=headers)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Status and details of what the audit trail has of webhooks, in order."""
        statement = "SELECT status, details FROM audit.audit_log WHERE project_id = %s AND event_type = 'webhook' ORDER BY seq"
        with psycopg.connect(self.store_url) as connection:
            return [(status, json.loads(details)) for status, details in connection.execute(statement, [self.gateway.deps.project_id])]


@pytest.fixture
def hooks(deps: Deps, store_url: str) -> Iterator[Hooks]:
    clock = Clock()
    mine = replace(deps, project_id=new_id("prj"), clock=clock)
    with serving(mine, GatewayConfig(webhooks=WebhookSettings({Sender.GITHUB: SECRET}))) as gateway:
        yield Hooks(gateway, clock, store_url)


def test_a_push_may_have_25_mb_and_nothing_else_may(hooks: Hooks) -> None:
    assert hooks.push(24_000_000).status_code == 202
    problem(hooks.push(24_000_000, secret="another"), 401, "DM8035")
    problem(hooks.push(27_000_000), 413, "DM7034")
    for path in ("webhooks/dbt-cloud", "webhooks/github/", "auth/login", "admin/sync"):
        problem(hooks.push(1_000_000, path=path), 413, "DM7034")
    assert len(jobs.list_jobs(hooks.gateway.deps)) == 1


def test_what_is_not_signed_is_told_once_a_minute_with_its_number(hooks: Hooks) -> None:
    for _ in range(5):
        problem(hooks.push(secret="another"), 401, "DM8035")
    assert hooks.told() == [("refused", {"problem": "DM8035", "times": 1})]
    hooks.clock.ahead = EVERY
    problem(hooks.push(secret="another"), 401, "DM8035")
    assert hooks.told()[1:] == [("refused", {"problem": "DM8035", "times": 5})]


def test_a_replay_is_told_once(hooks: Hooks) -> None:
    assert hooks.push().status_code == 202
    for _ in range(3):
        problem(hooks.push(), 409, "DM8036")
    assert hooks.told() == [("begin", {"problem": "", "times": 1}), ("refused", {"problem": "DM8036", "times": 1})]
