"""The gate before a language model: it is asked every approved question as a person's is, and must read none of them as something else than was approved.

Each question is asked twice. First with the pairs that answer now, which come before any model: no model is called where they hold. Then as if nobody had approved
it, with the model and what retrieval finds for it, as whoever says the same in other words would be read: there the model's draft is held to the approved query.
What was heard is kept after each question, so that none is paid for twice.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from app.errors import Problem, UserError
from app.language.corrections import Approved
from app.language.drafting.same import same
from app.language.restate import restate
from app.model.answer import Drafted, Verdict
from app.model.audit.catalogue import EventType
from app.model.corrections import Correction, Difference
from app.model.ids import new_id
from app.model.jobs import EventKind, JobKind
from app.model.model_gates import GateState, Heard, ModelGate, ReadAs
from app.model.prompt import Message, Reply
from app.pipeline.turn import Turn
from app.ports import LanguageModel, ModelUnavailable
from app.service.audit import record
from app.service.deps import Deps
from app.service.drafting import drafter_of
from app.service.held_corrections import approved
from app.service.jobs import Tell, request
from app.service.model_gate import configured, tell
from app.service.replay import TURN_SECONDS, asked, difference, person_of, refusal, served

PROVIDERS = frozenset({"DM8090", "DM8091", "DM8092", "DM8096", "DM8097"})
"""Faults of a provider, after which it is tried again; any other is one of the question."""
LONGEST_PAUSE = dt.timedelta(hours=1)
"""A provider that fails is asked again after a minute, then each time after twice as long, and at least so often."""
WHO = "system"
"""On whose account the calls are."""


def ask_for_models(deps: Deps) -> int:
    """Ask for the replays of models that wait for one; where nothing is approved they pass at once. How many were asked for. Raises what the store raises."""
    asked_for = 0
    for model in configured(deps) if deps.gates is not None else ():
        gate = _of(deps, model)
        if gate.state is GateState.PENDING and _due(deps, gate):
            asked_for += ask_for(deps, gate) if served(deps) else _passed_at_once(deps, gate)
    return asked_for


def ask_for(deps: Deps, gate: ModelGate) -> int:
    """Have a model that waits replayed; 0 where that was asked for within the hour."""
    once = f"model:{gate.id}:{gate.replayed_at}:{gate.tries}:{deps.clock.now():%Y%m%d%H}"
    return int(request(deps, JobKind.REPLAY, {"model_id": gate.id}, trigger="models", by=WHO, once=once) is not None)


def run_model_replay(deps: Deps, gate_id: str, told: Tell) -> Mapping[str, Any]:
    """Ask a model that waits what it was not asked yet, and let it in or hold it. It may end anywhere and be run again.

    Where its provider fails it goes on waiting. Raises UserError DM8028 where another replay of it runs, and what the store raises.
    """
    with deps.locks.hold("model replay", deps.project_id, gate_id, seconds=TURN_SECONDS) as ours:
        if not ours:
            raise UserError(Problem("DM8028", "this language model is being asked already", hint="this one has its turn after it"))
        return _replayed(deps, gate_id, told)


def wanted(deps: Deps) -> tuple[Sequence[Correction], int]:
    """The approved questions that a model is asked, the newest first, and how many are approved in all."""
    found = served(deps)[::-1]
    return found[: deps.gates.most_questions] if deps.gates is not None else (), len(found)


def heard_of(gate: ModelGate) -> list[Heard]:
    """What is known of it so far."""
    return msgspec.json.decode(gate.heard, type=list[Heard])


def unheard(deps: Deps, gate: ModelGate) -> list[Correction]:
    """The approved questions that it was not asked."""
    known = {one.correction_id for one in heard_of(gate)}
    return [one for one in wanted(deps)[0] if one.id not in known]


def sums(gate: ModelGate) -> dict[str, Any]:
    """How many questions came to what, and what asking took."""
    heard = heard_of(gate)
    counts = Counter(one.read_as for one in heard)
    took = {name: sum(getattr(one, name) for one in heard) for name in ("calls", "tokens_in", "tokens_out")}
    return {
        "approved": gate.approved,
        **{str(way): counts[way] for way in ReadAs},
        **took,
        "cost": sum(one.cost for one in heard),
    }


def _replayed(deps: Deps, gate_id: str, told: Tell) -> Mapping[str, Any]:
    gate = deps.gates.store.get(gate_id, deps.project_id) if deps.gates is not None else None
    model = next((one for one in configured(deps) if gate is not None and (one.provider, one.model) == (gate.provider, gate.model)), None)
    if deps.gates is None or gate is None or model is None or gate.state is not GateState.PENDING:
        return _body(gate)
    _record(deps, gate, "begin")
    while True:
        questions, count = wanted(deps)
        version = deps.serving.layer().version
        ids = {one.id for one in questions}
        heard = [one for one in heard_of(gate) if one.correction_id in ids and one.layer_version == version]
        gate = msgspec.structs.replace(gate, heard=_kept(heard), approved=count)
        left = unheard(deps, gate)
        if not left:
            break
        told(EventKind.STEP, {"step": "ask", "index": len(heard), "of": len(questions)})
        try:
            found = _hear(deps, model, left[0], version)
        except ModelUnavailable as error:
            return _failed(deps, gate, error.problem)
        gate = msgspec.structs.replace(gate, heard=_kept([*heard, found]), fault="", tries=0)
        if not deps.gates.store.change(gate, before=GateState.PENDING):
            return _body(deps.gates.store.get(gate_id, deps.project_id))
    _settled(deps, gate)
    return _body(deps.gates.store.get(gate_id, deps.project_id))


def _passed_at_once(deps: Deps, gate: ModelGate) -> int:
    """There is nothing to ask it."""
    _record(deps, gate, "begin")
    _settled(deps, msgspec.structs.replace(gate, heard="[]", approved=0))
    return 0


def _settled(deps: Deps, gate: ModelGate) -> None:
    """Let it in, or hold it, by what was heard of it."""
    held = any(one.difference is not None for one in heard_of(gate))
    state = GateState.HELD if held else GateState.PASSED
    after = msgspec.structs.replace(gate, state=state, replayed_at=deps.clock.now(), fault="", tries=0)
    if deps.gates is not None and deps.gates.store.change(after, before=GateState.PENDING):
        tell(deps)
        _record(deps, after, "succeeded")


def _failed(deps: Deps, gate: ModelGate, problem: Problem) -> Mapping[str, Any]:
    """It goes on waiting, and says why."""
    fault = f"{problem.code} {problem.message}"
    waits = msgspec.structs.replace(gate, fault=fault, tries=gate.tries + 1, tried_at=deps.clock.now())
    if deps.gates is not None:
        deps.gates.store.change(waits, before=GateState.PENDING)
    _record(deps, waits, "failed", problem.code)
    return _body(waits)


def _hear(deps: Deps, model: LanguageModel, one: Correction, version: str) -> Heard:
    """What the model makes of one approved question. Raises ModelUnavailable where its provider fails."""
    pair, person = approved(one), person_of(deps, one)
    if pair is None or person is None:
        return Heard(one.id, version, ReadAs.SKIPPED)
    view = deps.serving.view(person)
    if refusal(view, person, pair):
        return Heard(one.id, version, ReadAs.SKIPPED)
    stage = replace(deps.stage, akin=None, drafter=drafter_of(deps, _OnOurAccount(model)))
    turn = asked(deps, one, person, view, stage)
    if turn.drafted is None:  # the pair answered, as it does for everybody who says the same
        turn = asked(deps, one, person, view, replace(stage, corrections=None))
    drafted = turn.drafted
    if drafted is None:
        return Heard(one.id, version, ReadAs.UNASKED)
    _check_reached(turn, drafted)
    alone = asked(deps, one, person, view, replace(stage, corrections=None, drafter=None))
    read_as = _read_as(turn, alone, pair)
    differs = _difference(turn, one, pair) if read_as is ReadAs.OTHER else None
    return Heard(one.id, version, read_as, differs, drafted.calls, drafted.tokens_in, drafted.tokens_out, drafted.cost)


def _check_reached(turn: Turn, drafted: Drafted) -> None:
    if drafted.verdict is Verdict.UNAVAILABLE:
        fault = next((one for one in reversed(turn.problems) if one.code in PROVIDERS), None)
        if fault is not None:
            raise ModelUnavailable(fault)


def _read_as(turn: Turn, alone: Turn, pair: Approved) -> ReadAs:
    """Of a draft: what was approved, or not. Without one the model reads nothing otherwise, unless the project's words alone came to what was approved and now
    don't."""
    if turn.draft is not None:
        return ReadAs.SAME if _asks(turn, turn.draft, pair) else ReadAs.OTHER
    if turn.written_sql:
        return ReadAs.SAME if (turn.written_sql, turn.source) == (pair.sql, pair.source) else ReadAs.OTHER
    right, still = (one.query is not None and _asks(one, one.query, pair) for one in (alone, turn))
    return ReadAs.OTHER if right and not still else ReadAs.NONE


def _asks(turn: Turn, query: Any, pair: Approved) -> bool:
    return pair.query is not None and same(query, pair.query, turn.served.visible, turn.served.joins)


def _difference(turn: Turn, one: Correction, pair: Approved) -> Difference:
    came = difference(turn, one, pair)
    if turn.draft is None:
        return came
    return msgspec.structs.replace(came, now=restate(turn.draft, turn.served.visible), now_query=turn.draft.canonical().decode())


def _of(deps: Deps, model: LanguageModel) -> ModelGate:
    """What is kept of a model, from now on where nothing was."""
    if deps.gates is None:
        raise ValueError("without a gate nothing is kept")
    known = deps.gates.store.all(deps.project_id)
    found = next((one for one in known if (one.provider, one.model) == (model.provider, model.model)), None)
    return found or deps.gates.store.add(ModelGate(new_id("mdl"), deps.project_id, model.provider, model.model, deps.clock.now()))


def _due(deps: Deps, gate: ModelGate) -> bool:
    if gate.tries == 0 or gate.tried_at is None:
        return True
    return deps.clock.now() >= gate.tried_at + pause(gate.tries)


def pause(tries: int) -> dt.timedelta:
    """How long nothing is asked after so many tries that failed."""
    return min(dt.timedelta(minutes=1 << min(tries - 1, 10)), LONGEST_PAUSE)


def _kept(heard: Sequence[Heard]) -> str:
    return msgspec.json.encode(heard).decode()


def _body(gate: ModelGate | None) -> Mapping[str, Any]:
    """For a job's result: what was approved and drafted is for those who may see it."""
    if gate is None:
        return {}
    return {
        "model_id": gate.id,
        "provider": gate.provider,
        "model": gate.model,
        "state": gate.state.value,
        "fault": gate.fault,
        **sums(gate),
    }


def _record(deps: Deps, gate: ModelGate, status: str, problem: str = "") -> None:
    found = sums(gate)
    counts = {name: found[name] for name in ("approved", "same", "other", "none", "unasked", "skipped", "calls", "tokens_in", "tokens_out")}
    record(
        deps.audit, deps.clock, event_type=EventType.MODEL_REPLAY, user_id=WHO, project_id=deps.project_id, component="models", status=status,
        provider=gate.provider, model=gate.model, state=gate.state.value, problem=problem, **counts,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _OnOurAccount:
    """A model whose calls nobody asked for: the project's account has them, and no person's."""

    asked: LanguageModel

    @property
    def provider(self) -> str:
        """As the model has it."""
        return self.asked.provider

    @property
    def model(self) -> str:
        """As the model has it."""
        return self.asked.model

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "") -> Reply:
        """As the model has it."""
        del who
        return self.asked.complete(messages, schema, WHO)
