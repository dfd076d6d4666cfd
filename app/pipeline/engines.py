"""Which engine a name means."""

from __future__ import annotations

from app.errors import Problem, UserError, did_you_mean
from app.pipeline.turn import StageDeps
from app.ports import Engine


def engine_named(deps: StageDeps, name: str) -> Engine:
    """The engine of that name. Raises UserError DM3090 where there is none."""
    engine = deps.engines.get(name)
    if engine is None:
        known = ", ".join(sorted(deps.engines)) or "none"
        raise UserError(
            Problem("DM3090", f"there is no engine `{name}`", hint=did_you_mean(name, deps.engines) or f"engines in use: {known}")
        )
    return engine
