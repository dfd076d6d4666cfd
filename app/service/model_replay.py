"""The gate before a language model: it is asked every approved question as a person's is, and must read none of them as something else than was approved.

Each question is asked twice. First with the pairs that answer now, which come before any model: no model is called where they hold. Then as if nobody had approved
it, with the model and what retrieval finds for it, as whoever says the same in other words would be read: there the model's draft is held to the approved query.
What was heard is kept after each question, so that none is paid for twice. Over a new layer the same is asked of models that draft, as far as they are told
something new.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from app.errors import DataMindError, Problem, UserError
from app.language.corrections import Approved
from app.language.drafting.same import same
from app.language.restate import restate
from app.model.answer import Drafted, Verdict
from app.model.audit.catalogue import EventType
from app.model.audit.chain import Detail
from app.model.corrections import Correction, Difference
from app.model.ids import new_id
from app.model.jobs import EventKind, JobKind
from app.model.model_gates import DRAFTING, GateState, Heard, ModelGate, ReadAs
from app.pipeline.turn import Turn
from app.ports import LanguageModel, ModelUnavailable
from app.ports.language_models import key_of
from app.service.audit import Write, record, recorded
from app.service.deps import Deps
from app.service.drafting import drafter_of
from app.service.held_corrections import approved
from app.service.jobs import Tell, request
from app.service.model_account import WHO, OnOurAccount
from app.service.model_gate import configured, gate_of, is_of_another_layer, tell
from app.service.model_layers import Sight
from app.service.replay import TURN_SECONDS, asked, difference, person_of, refusal, served

PROVIDERS = frozenset({"DM8090", "DM8091", "DM8092", "DM8096", "DM8097"})
"""Faults of a provider, after which it is tried again; any other is one of the question."""
LONGEST_PAUSE = dt.timedelta(hours=1)
"""A provider that fails is asked again after a minute, then each time after twice as long, and at least so often."""
DRAFTED = frozenset({ReadAs.SAME, ReadAs.OTHER})
"""What is known of a draft, which stays so where a prompt stays what it was."""
REMEMBERED = 3
"""Of how many other layers it is remembered what a question came to."""


def ask_for_models(deps: Deps) -> int:
    """Ask for the replays of models that wait for one, and of those that were asked over another layer than the one that is served; where nothing is approved they pass
    at once. How many were asked for. Raises what the store raises."""
    asked_for = 0
    if not _is_published(deps):
        return 0
    for model in configured(deps) if deps.gates is not None else ():
        gate = _of(deps, model)
        if _waits(deps, gate) and _due(deps, gate):
            asked_for += ask_for(deps, gate) if served(deps) else _passed_at_once(deps, gate)
    return asked_for


def ask_after_publication(deps: Deps) -> None:
    """Ask for them at once where a layer was published, so that who waits waits no minute. Where that fails it is asked for within one."""
    with suppress(DataMindError):
        ask_for_models(deps)


def ask_for(deps: Deps, gate: ModelGate, *, anew: bool = False) -> int:
    """Have a model that waits replayed; 0 where that was asked for within the hour, unless somebody wants it `anew`: the one that was asked for may have ended
    before it."""
    stands = (gate.id, deps.serving.layer().version, gate.state, gate.replayed_at, gate.decided_at, gate.tries)
    once = "" if anew else f"model:{':'.join(map(str, stands))}:{deps.clock.now():%Y%m%d%H}"
    return int(request(deps, JobKind.REPLAY, {"model_id": gate.id}, trigger="models", by=WHO, once=once) is not None)


def run_model_replay(deps: Deps, gate_id: str, told: Tell) -> Mapping[str, Any]:
    """Ask a model that waits what it was not asked yet, and let it in or hold it. It may end anywhere and be run again.

    Where its provider fails it goes on waiting. Raises UserError DM8028 where another replay of it runs, and what the store raises.
    """
    deps.serving.expire()  # who asked for it may know of a layer that this process was not told of
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
    return [one for one in _all_heard(gate) if one.stands]


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


def _is_published(deps: Deps) -> bool:
    try:
        return bool(deps.serving.layer())
    except UserError:
        return False


def _waits(deps: Deps, gate: ModelGate) -> bool:
    """Whether there may be something to ask it: a model that is shut out is asked nothing."""
    return gate.state is GateState.PENDING or (gate.state is not GateState.REJECTED and is_of_another_layer(deps, gate))


def _replayed(deps: Deps, gate_id: str, told: Tell) -> Mapping[str, Any]:
    gate = deps.gates.store.get(gate_id, deps.project_id) if deps.gates is not None else None
    model = next((one for one in configured(deps) if gate is not None and gate_of([gate], key_of(one)) is not None), None)
    if deps.gates is None or gate is None or model is None or not _waits(deps, gate):
        return _body(gate)
    with suppress(ModelUnavailable), recorded(_write(deps, gate), **_counts(gate)) as learnt:
        fault = _asked_all(deps, gate, model, told)
        learnt.update(_counts(_as_kept(deps, gate)))
        if fault is not None:
            raise ModelUnavailable(fault)
        tell(deps)
    return _body(_as_kept(deps, gate))


def _asked_all(deps: Deps, gate: ModelGate, model: LanguageModel, told: Tell) -> Problem | None:
    """Ask it what it was not asked, and settle it; what its provider says where that fails. Ends early where somebody decides of it meanwhile."""
    sight = Sight(deps, deps.serving.layer())
    while True:
        questions, count = wanted(deps)
        if sight.current is not deps.serving.layer():
            sight = Sight(deps, deps.serving.layer())
        heard, left = _known(sight, gate, questions)
        after = msgspec.structs.replace(gate, heard=_kept(gate, heard, questions), approved=count)
        if not left:
            break
        told(EventKind.STEP, {"step": "ask", "index": len(heard), "of": len(heard) + len(left)})
        try:
            found = _hear(deps, model, left[0], sight)
        except ModelUnavailable as error:
            _wait(deps, gate, after, error.problem)
            return error.problem
        found = msgspec.structs.replace(found, accepted=_is_accepted(gate, found))
        after = msgspec.structs.replace(after, heard=_kept(gate, [*heard, found], questions), fault="", tries=0)
        if deps.gates is None or not deps.gates.store.change(after, before=gate):
            return None
        gate = after
    _settle(deps, after, gate, sight.current.version)
    return None


def _known(sight: Sight, gate: ModelGate, questions: Sequence[Correction]) -> tuple[list[Heard], list[Correction]]:
    """What is known of a model over the layer that is served, and the questions that it is still to be asked.

    What it drafted for a question that was told in the very same words, over whatever layer, is known. Where it drafted nothing, or was not asked, that is known of the
    one layer only: what a draft is checked against, and who may ask, is another matter over the next. A model that drafts goes on where it was not asked what was
    approved since, until a layer tells it something else there.
    """
    version = sight.current.version
    heard: list[Heard] = []
    left: list[Correction] = []
    for one in questions:
        of_it = [entry for entry in _all_heard(gate) if entry.correction_id == one.id]
        last = next((entry for entry in of_it if entry.stands), None)
        known = last if last is not None and last.layer_version == version else None
        if known is None and last is not None and last.read_as in DRAFTED and sight.unchanged(one, last.layer_version):
            known = last
        if known is None and (told := sight.told(one)):
            known = next((entry for entry in of_it if entry.read_as in DRAFTED and entry.told == told), None)
        if known is not None:
            heard.append(msgspec.structs.replace(known, layer_version=version, told=sight.told(one), stands=True))
        elif last is not None or gate.state not in DRAFTING or not sight.unchanged(one, gate.layer_version):
            left.append(one)
    return heard, left


def _is_accepted(gate: ModelGate, found: Heard) -> bool:
    """Whether an admin let the model in with this very difference."""
    return found.difference is not None and any(one.accepted and one.difference == found.difference for one in _all_heard(gate))


def _passed_at_once(deps: Deps, gate: ModelGate) -> int:
    """There is nothing to ask it."""
    if gate.state in DRAFTING and deps.gates is not None:
        deps.gates.store.change(msgspec.structs.replace(gate, layer_version=deps.serving.layer().version), before=gate)
        return 0
    with recorded(_write(deps, gate), **_counts(gate)) as learnt:
        _settle(deps, msgspec.structs.replace(gate, heard="[]", approved=0), gate, deps.serving.layer().version)
        learnt.update(_counts(_as_kept(deps, gate)))
        tell(deps)
    return 0


def _settle(deps: Deps, asked_all: ModelGate, before: ModelGate, version: str) -> None:
    """Let it in over the layer of that version, or hold it, by what was heard of it."""
    differing = [one for one in heard_of(asked_all) if one.difference is not None]
    state = GateState.ACCEPTED if differing or before.state is GateState.ACCEPTED else GateState.PASSED
    after = msgspec.structs.replace(asked_all, state=state, layer_version=version, replayed_at=deps.clock.now(), fault="", tries=0)
    if not all(one.accepted for one in differing):
        after = msgspec.structs.replace(after, state=GateState.HELD, decided_by="", decided_at=None, reason="")
    if deps.gates is not None:
        deps.gates.store.change(after, before=before)


def _wait(deps: Deps, before: ModelGate, gate: ModelGate, problem: Problem) -> None:
    """It goes on waiting, and says why."""
    fault = f"{problem.code} {problem.message}"
    waits = msgspec.structs.replace(gate, fault=fault, tries=gate.tries + 1, tried_at=deps.clock.now())
    if deps.gates is not None:
        deps.gates.store.change(waits, before=before)


def _as_kept(deps: Deps, gate: ModelGate) -> ModelGate:
    """The gate as the store has it now: what somebody decided meanwhile stands."""
    found = deps.gates.store.get(gate.id, deps.project_id) if deps.gates is not None else None
    return found if found is not None else gate


def _hear(deps: Deps, model: LanguageModel, one: Correction, sight: Sight) -> Heard:
    """What the model makes of one approved question. Raises ModelUnavailable where its provider fails."""
    pair, person = approved(one), person_of(deps, one)
    if pair is None or person is None:
        return Heard(one.id, sight.current.version, ReadAs.SKIPPED, told=sight.told(one))
    view = deps.serving.view(person)
    version, told_of = view.layer.version, sight.told(one) if view.layer is sight.current else ""
    if refusal(view, person, pair):
        return Heard(one.id, version, ReadAs.SKIPPED, told=told_of)
    stage = replace(deps.stage, akin=None, drafter=drafter_of(deps, OnOurAccount(model)))
    turn = asked(deps, one, person, view, stage)
    if turn.drafted is None:  # the pair answered, as it does for everybody who says the same
        turn = asked(deps, one, person, view, replace(stage, corrections=None))
    drafted = turn.drafted
    if drafted is None:
        return Heard(one.id, version, ReadAs.UNASKED, told=told_of)
    _check_reached(turn, drafted)
    alone = asked(deps, one, person, view, replace(stage, corrections=None, drafter=None))
    read_as = _read_as(turn, alone, pair)
    differs = _difference(turn, one, pair) if read_as is ReadAs.OTHER else None
    return Heard(one.id, version, read_as, differs, drafted.calls, drafted.tokens_in, drafted.tokens_out, drafted.cost, told_of)


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
    found = gate_of(known, key_of(model))
    if found is not None and found.address == model.address:
        return found
    provider, name, address = key_of(model)
    return deps.gates.store.add(ModelGate(new_id("mdl"), deps.project_id, provider, name, deps.clock.now(), address=address))


def _due(deps: Deps, gate: ModelGate) -> bool:
    if gate.tries == 0 or gate.tried_at is None:
        return True
    return deps.clock.now() >= gate.tried_at + pause(gate.tries)


def pause(tries: int) -> dt.timedelta:
    """How long nothing is asked after so many tries that failed."""
    return min(dt.timedelta(minutes=1 << min(tries - 1, 10)), LONGEST_PAUSE)


def _all_heard(gate: ModelGate) -> list[Heard]:
    return msgspec.json.decode(gate.heard, type=list[Heard])


def _kept(before: ModelGate, heard: Sequence[Heard], questions: Sequence[Correction]) -> str:
    """What stands now of these questions, what stood before of those that are still to be asked, and of the others the last that were told otherwise, with each
    difference that an admin accepted."""
    wanted_ids = {one.id for one in questions}
    now = {(one.correction_id, one.told) for one in heard}
    settled, accepted = {one.correction_id for one in heard}, {one.difference for one in heard if one.accepted}
    found, old = list(heard), Counter[str]()
    for one in _all_heard(before):
        stands = one.stands and one.correction_id not in settled
        lasts = one.accepted and one.difference not in accepted
        if one.correction_id not in wanted_ids or not (lasts or stands or one.told) or (not lasts and (one.correction_id, one.told) in now):
            continue
        old[one.correction_id] += 1
        if lasts or stands or old[one.correction_id] <= REMEMBERED:
            found.append(msgspec.structs.replace(one, stands=stands))
            accepted.update([one.difference] if one.accepted else ())
    return msgspec.json.encode(found).decode()


def with_acceptance(gate: ModelGate) -> str:
    """What was heard, where an admin lets the model in with the differences that stand."""
    heard = (msgspec.structs.replace(one, accepted=one.accepted or (one.stands and one.difference is not None)) for one in _all_heard(gate))
    return msgspec.json.encode(list(heard)).decode()


def without_acceptance(gate: ModelGate) -> str:
    """What was heard, with nothing that an admin let the model in with."""
    return msgspec.json.encode([msgspec.structs.replace(one, accepted=False) for one in _all_heard(gate)]).decode()


def _body(gate: ModelGate | None) -> Mapping[str, Any]:
    """For a job's result: what was approved and drafted is for those who may see it."""
    if gate is None:
        return {}
    return {
        "model_id": gate.id,
        "provider": gate.provider,
        "model": gate.model,
        "address": gate.address,
        "state": gate.state.value,
        "fault": gate.fault,
        **sums(gate),
    }


def _counts(gate: ModelGate) -> dict[str, Detail]:
    """For the audit trail: how it stands, and what was heard of it."""
    found = sums(gate)
    names = ("approved", "same", "other", "none", "unasked", "skipped", "calls", "tokens_in", "tokens_out")
    return {"state": gate.state.value, **{name: found[name] for name in names}}


def _write(deps: Deps, gate: ModelGate) -> Write:
    return partial(
        record, deps.audit, deps.clock, event_type=EventType.MODEL_REPLAY, user_id=WHO, project_id=deps.project_id, component="models",
        provider=gate.provider, model=gate.model, address=gate.address,
    )  # fmt: skip
