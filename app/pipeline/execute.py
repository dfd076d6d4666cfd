"""Stage 6: the engine runs the governed statement, read-only and within its limits."""

from __future__ import annotations

from app.pipeline.engines import engine_named
from app.pipeline.turn import StageDeps, Turn


def execute(turn: Turn, deps: StageDeps) -> Turn:
    """Run what stage 5 made. Raises UserError DM5xxx where the engine is down, too slow or refuses."""
    if turn.governed is None:
        raise TypeError("a turn that reaches stage 6 holds governed SQL")
    return turn.with_(result=engine_named(deps, turn.engine).execute(turn.governed, turn.cancel))
