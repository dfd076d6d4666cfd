"""A name for each space, where a server keeps spaces as collections."""

from __future__ import annotations

import hashlib

from app.ports import Space


def collection(space: Space) -> str:
    """The collection's name: letters, digits and dots alone, whatever the project and the embedder are called."""
    return f"{of_project(space.project_id)}{_short(space.embedder)}"


def of_project(project_id: str) -> str:
    """With what the names of all collections of the project begin."""
    return f"datamind.{_short(project_id)}."


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:20]
