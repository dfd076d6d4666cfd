"""The door of every engine: only a sealed GovernedSql of its own dialect passes."""

from __future__ import annotations

from app.adapters.engines import problems
from app.model.sql import GovernedSql
from app.model.types import Dialect


def admit(engine: str, dialect: Dialect, governed: GovernedSql) -> None:
    """Let a statement of `govern` in `dialect` pass. Raises InternalError DM5009 for anything else."""
    if type(governed) is not GovernedSql:  # a subclass could change what `text` gives
        problems.not_ours(engine, f"it was given a {type(governed).__name__}")
    if governed.dialect is not dialect:
        problems.not_ours(engine, f"it was given {governed.dialect}")
    if governed.limits.rows < 1 or governed.limits.seconds <= 0:
        problems.not_ours(engine, "it was given limits that allow nothing")
