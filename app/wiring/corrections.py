"""Settings → the approved corrections as a process holds them."""

from __future__ import annotations

from app.adapters.store.corrections import StoredCorrections
from app.adapters.store.database import Database
from app.model.corrections import CorrectionState
from app.service.held_corrections import CorrectionDeps, HeldCorrections
from app.settings import Settings


def corrections_of(settings: Settings, database: Database) -> CorrectionDeps:
    """Those of the settings' project."""
    store = StoredCorrections(database)
    return CorrectionDeps(
        store,
        HeldCorrections(lambda: store.in_state(settings.project_id, CorrectionState.SERVED), poll_seconds=settings.layer_poll_seconds),
    )
