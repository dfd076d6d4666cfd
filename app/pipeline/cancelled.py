"""That nobody waits for a turn any more."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.ports import Cancel


def stop_if_cancelled(cancel: Cancel) -> None:
    """Called before each thing that takes long or costs. Raises UserError DM5003 once the turn is cancelled."""
    if cancel.cancelled:
        raise UserError(Problem("DM5003", "the request was cancelled"))
