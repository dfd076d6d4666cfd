"""What a worker does when it starts: it looks for jobs that another one left behind when it died, and for a project that changed meanwhile."""

from __future__ import annotations

from typing import Any

from celery.signals import worker_ready

from celery_worker.tasks import send_waiting, sync_dbt_to_vanna

EXPIRES = 60
"""Seconds after which the schedule does it anyway."""


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def look_around(sender: Any, **_more: Any) -> None:
    """Ask for a look at what waits, and for a sync where there is something new."""
    del sender
    send_waiting.apply_async(expires=EXPIRES)
    sync_dbt_to_vanna.apply_async(expires=EXPIRES)
