"""The tasks. Each is idempotent: it may run twice."""

from __future__ import annotations

import dataclasses
from typing import Any

from app.service.sync_changed import sync_changed
from app.wiring.worker import task_deps
from celery_worker.app import app
from celery_worker.seen import recall, remember


@app.task(name="datamind.sync", bind=True, autoretry_for=(OSError,), retry_backoff=True, max_retries=3)  # type: ignore[untyped-decorator]
def sync(self: Any) -> dict[str, str]:
    """Compile and publish the layer where the dbt project's artifacts changed."""
    with task_deps() as deps:
        outcome = sync_changed(deps, recall(app, deps.project_id), correlation_id=self.request.id)
        remember(app, deps.project_id, outcome.content)
    return dataclasses.asdict(outcome)
