"""Stage 5: policy goes under every table reference; the text is regenerated, parsed and checked once more."""

from __future__ import annotations

from app.govern.govern import govern
from app.pipeline.turn import StageDeps, Turn


def sanitize(turn: Turn, deps: StageDeps) -> Turn:
    """Make the GovernedSql that alone may run. Raises UserError DM4xxx where anything in the statement is not known to be safe."""
    if turn.sql is None:
        raise TypeError("a turn that reaches stage 5 holds SQL")
    served = turn.served
    return turn.with_(governed=govern(turn.sql, served.layer, turn.engine, served.access, deps.limits, deps.mask_key))
