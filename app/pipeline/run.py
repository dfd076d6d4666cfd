"""The walker: the seven stages in order, each timed and observed."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from app.model.answer import StageTime
from app.pipeline.cancelled import stop_if_cancelled
from app.pipeline.execute import execute
from app.pipeline.explain import explain
from app.pipeline.generate import generate
from app.pipeline.interpret import interpret
from app.pipeline.optimize import optimize
from app.pipeline.sanitize import sanitize
from app.pipeline.turn import StageDeps, Turn
from app.pipeline.validate import validate

Stage = Callable[[Turn, StageDeps], Turn]
Observer = Callable[[str, Turn], None]
"""Called before each stage with its name and the turn so far; what it raises stops the walk (an audit that cannot be written, say)."""

STAGES: tuple[tuple[str, Stage], ...] = (
    ("interpret", interpret),
    ("generate", generate),
    ("validate", validate),
    ("optimize", optimize),
    ("sanitize", sanitize),
    ("execute", execute),
    ("explain", explain),
)
STAGE_NAMES = tuple(name for name, _ in STAGES)


def run(turn: Turn, deps: StageDeps, *, until: str = "explain", observe: Observer = lambda _name, _turn: None) -> Turn:
    """Walk the turn through the stages up to and with `until`.

    A question that is asked back or refused goes on to stage 7 whatever `until` says: there is nothing else to show for it.
    Raises UserError DM5003 between stages once the turn is cancelled, and whatever a stage raises.
    """
    if until not in STAGE_NAMES:
        raise ValueError(f"there is no stage {until}")
    for name, stage in STAGES:
        stop_if_cancelled(turn.cancel)
        if _asked_back(turn) and name != "explain":
            continue
        observe(name, turn)
        started = time.perf_counter()
        turn = stage(turn, deps)
        elapsed = (time.perf_counter() - started) * 1000
        turn = turn.with_(stages=(*turn.stages, StageTime(name, round(elapsed, 3))))
        if name == until and not _asked_back(turn):
            break
    if turn.answer is not None:
        turn = turn.with_(answer=msgspec.structs.replace(turn.answer, stages=turn.stages))
    return turn


def _asked_back(turn: Turn) -> bool:
    """Whether the question led to nothing that could run."""
    return turn.reading is not None and turn.query is None and not turn.written_sql
