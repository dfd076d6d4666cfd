"""With which configuration a gateway serves."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.audit.catalogue import EventType
from app.service.audit import record
from app.service.deps import Deps


def record_start(deps: Deps, settings: Sequence[str], version: str) -> None:
    """Record that a gateway of that version starts, and the names of the settings that are set, never their values. Raises InternalError DM8010."""
    record(
        deps.audit, deps.clock, event_type=EventType.CONFIGURATION_START, user_id="operator", project_id=deps.project_id, component="gateway",
        status="succeeded", settings=list(settings), version=version,
    )  # fmt: skip
