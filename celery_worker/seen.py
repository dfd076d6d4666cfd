"""Which content of a project was synced last, kept in the result backend's Redis so that every worker knows it."""

from __future__ import annotations

from celery import Celery

HOLDS_SECONDS = 3600
"""After this, a sync runs in any case: the store may have been restored from a backup meanwhile."""


def recall(app: Celery, project_id: str) -> str:
    """The fingerprint that was synced last, "" where none is known."""
    held = app.backend.client.get(_key(project_id))
    return held.decode() if held else ""


def remember(app: Celery, project_id: str, content: str) -> None:
    """Keep the fingerprint for a while."""
    app.backend.client.set(_key(project_id), content, ex=HOLDS_SECONDS)


def _key(project_id: str) -> str:
    return f"datamind:synced:{project_id}"
