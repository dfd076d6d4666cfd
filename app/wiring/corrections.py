"""Settings → the approved corrections as a process holds them, and which language models they let in."""

from __future__ import annotations

from app.adapters.store.corrections import StoredCorrections
from app.adapters.store.database import Database
from app.adapters.store.model_gates import StoredModelGates
from app.model.corrections import CorrectionState
from app.service.held_corrections import CorrectionDeps, HeldCorrections
from app.service.held_gates import ModelGateDeps
from app.service.polled import Polled
from app.settings import Settings


def corrections_of(settings: Settings, database: Database) -> CorrectionDeps:
    """Those of the settings' project."""
    store = StoredCorrections(database)
    return CorrectionDeps(
        store,
        HeldCorrections(lambda: store.in_state(settings.project_id, CorrectionState.SERVED), poll_seconds=settings.layer_poll_seconds),
    )


def gates_of(settings: Settings, database: Database) -> ModelGateDeps:
    """Those of the settings' project."""
    store = StoredModelGates(database)
    held = Polled(lambda _held: tuple(store.all(settings.project_id)), poll_seconds=settings.layer_poll_seconds)
    return ModelGateDeps(store, held, settings.llm_replay_questions)
