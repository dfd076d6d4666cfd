"""The replay as a job of a worker: all approved questions are asked again, and what waits for that is served or held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.audit.chain import Detail
from app.model.corrections import Correction, CorrectionState
from app.model.jobs import EventKind, Job, JobKind
from app.ports.language_models import key_of
from app.service.audit import Write, record, recorded
from app.service.correcting import ask_for_replay, hour, replaced_by, shown, tell
from app.service.deps import Deps
from app.service.jobs import Tell, request
from app.service.model_replay import ask_for_models, run_model_replay
from app.service.replay import Replayed, in_turn, replay, served
from app.service.training import train_published

STEPS = ("replay", "settle", "index")


class ReplayArguments(msgspec.Struct, frozen=True):
    """The correction that waits, or the model; without either a replay of what is served, with the models that `mark` names."""

    correction_id: str = ""
    model_id: str = ""
    mark: str = ""


def run_replay(deps: Deps, job: Job, told: Tell) -> Mapping[str, Any]:
    """Handle a job of kind replay. It may end anywhere and be run again: what was settled stays so, and the index is brought in step.

    Raises UserError DM8028 where another replay of the project runs, DM6077 where a correction that an admin accepted changes more than they saw and is held again, and
    what the store raises.
    """
    asked = msgspec.json.decode(job.arguments, type=ReplayArguments)
    if asked.model_id:
        return run_model_replay(deps, asked.model_id, told)

    def step(name: str) -> None:
        told(EventKind.STEP, {"step": name, "index": STEPS.index(name), "of": len(STEPS)})

    with in_turn(deps):
        step("replay")
        body = _settled(deps, asked.correction_id) if asked.correction_id else _of_all(deps, asked.mark)
    step("index")
    train_published(deps)
    return body


def ask_for_what_lacks(deps: Deps) -> int:
    """Ask for the replays that nobody asked for: of corrections whose approval ended before that, of models that wait, and of all that is served where the models
    changed.

    How many were asked for. Raises what the store raises.
    """
    waiting = deps.corrections.store.in_state(deps.project_id, CorrectionState.PENDING)
    asked = sum(1 for one in waiting if ask_for_replay(deps, one) is not None)
    mark, last = models_mark(deps), deps.corrections.store.replayed(deps.project_id)
    if last is None or last.mark != mark:
        since = last.replayed_at.isoformat() if last is not None else ""
        once = f"replay:{mark}:{since}:{hour(deps)}"
        asked += request(deps, JobKind.REPLAY, {"mark": mark}, trigger="models", by="system", once=once) is not None
    return asked + ask_for_models(deps)


def models_mark(deps: Deps) -> str:
    """What tells the models by which questions are read from others."""
    return " ".join(filter(None, key_of(deps.model))) if deps.model is not None else deps.llm_provider


def _settled(deps: Deps, correction_id: str) -> Mapping[str, Any]:
    """Replay with a correction that waits, and serve or hold it."""
    made = deps.corrections.store.get(correction_id, deps.project_id)
    if made is None or made.state is not CorrectionState.PENDING:
        return {"correction_id": correction_id, "state": made.state.value if made is not None else ""}
    gone = replaced_by(deps, made)
    asked = [*(one for one in served(deps) if one.id not in gone), made]
    with recorded(_write(deps), correction_id=made.id) as learnt:
        found = replay(deps, asked)
        after = _accepted(made, found) if made.decided_by else _judged(made, found)
        others = [one.correction_id for one in found.differing if one.correction_id != made.id] if made.decided_by else []
        state = after.state
        _mark_broken(deps, asked, found)
        makes_way = [*others, *gone] if state is CorrectionState.SERVED else []
        if not deps.corrections.store.settle(after, before=CorrectionState.PENDING, superseded=makes_way):
            state = CorrectionState.WITHDRAWN
        tell(deps)
        learnt.update(_counted(found), state=state.value)
    if made.decided_by and state is CorrectionState.HELD:
        message = f"the correction {made.id} changes more by now than it showed"
        raise UserError(Problem("DM6077", message, hint="look at it again: it shows what it changes now"))
    return {"correction_id": made.id, "state": state.value, **found.body()}


def _judged(made: Correction, found: Replayed) -> Correction:
    """Served where nothing differs, else held."""
    unaskable = dict(found.skipped).get(made.id, "")
    state = CorrectionState.HELD if found.differing or unaskable else CorrectionState.SERVED
    return replace(made, state=state, diff=found.diff, broken=unaskable)


def _accepted(made: Correction, found: Replayed) -> Correction:
    """Served with the differences that the admin saw; with any other it is held again, and nobody has accepted it."""
    if shown(made).issuperset({one.correction_id for one in found.differing} - {made.id}):
        return replace(made, state=CorrectionState.SERVED, broken=dict(found.skipped).get(made.id, ""))
    return replace(made, state=CorrectionState.HELD, diff=found.diff, decided_by="", decided_at=None, reason="")


def _of_all(deps: Deps, mark: str) -> Mapping[str, Any]:
    """Replay what is served, and keep what came of it."""
    asked = served(deps)
    with recorded(_write(deps), correction_id="") as learnt:
        found = replay(deps, asked)
        _mark_broken(deps, asked, found)
        deps.corrections.store.keep_replay(deps.project_id, mark, deps.clock.now(), found.diff)
        learnt.update(_counted(found))
    return {"mark": mark, **found.body()}


def _mark_broken(deps: Deps, asked: Sequence[Correction], found: Replayed) -> None:
    """Keep of each pair that is served, of those that were asked again, whether anybody can be served by it."""
    skipped = dict(found.skipped)
    for one in asked:
        why = skipped.get(one.id, "")
        if one.state is CorrectionState.SERVED and one.broken != why:
            deps.corrections.store.mark_broken(deps.project_id, one.id, why)


def _counted(found: Replayed) -> dict[str, Detail]:
    return {"replayed": found.replayed, "skipped": len(found.skipped), "differing": len(found.differing)}


def _write(deps: Deps) -> Write:
    return partial(
        record, deps.audit, deps.clock, event_type=EventType.FEEDBACK_REPLAY, user_id="system", project_id=deps.project_id, component="feedback",
        correlation_id="",
    )  # fmt: skip
