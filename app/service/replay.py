"""The gate before anything new answers: every approved question is asked again, on paper, and must come to the query that was approved.

Each is asked as who asked it first, with their rights of now and on the day of its approval; where they are gone, as the admin who approved it. What that person
could not ask before either says nothing of what is new: it is passed over, and marked, so that admins see which pairs serve nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from app.errors import Problem, UserError
from app.language.corrections import Approved, ApprovedPairs, bare
from app.language.normal_form import Slots, form, said
from app.language.restate import restate
from app.model.answer import Outcome
from app.model.corrections import Correction, CorrectionState, Difference
from app.model.ids import new_id
from app.model.ontology import Layer
from app.model.principal import Principal
from app.pipeline.interpret import interpret
from app.pipeline.turn import ServedLayer, StageDeps, Turn
from app.service.auth import principal_of
from app.service.deps import Deps
from app.service.held_corrections import approved
from app.service.known_values import may_know
from app.service.on_paper import try_query, try_sql
from app.service.serving import Serving

TURN_SECONDS = 5.0
"""How long one waits for another replay of the same project."""


@contextmanager
def in_turn(deps: Deps) -> Iterator[None]:
    """The block in which no other correction of the project begins to answer. Raises UserError DM8028 where another replay goes on."""
    with deps.locks.hold("replay", deps.project_id, seconds=TURN_SECONDS) as ours:
        if not ours:
            raise UserError(Problem("DM8028", "another replay of the approved questions is running", hint="this one has its turn after it"))
        yield


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay: how many questions were asked again, those that came to something else, and why the others were passed over, by their ids."""

    replayed: int = 0
    differing: tuple[Difference, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def diff(self) -> str:
        """The differences as they are kept."""
        return msgspec.json.encode(self.differing).decode()

    def body(self) -> dict[str, Any]:
        """For a job's result, which every admin reads: what differs is told where it is known who may see its values."""
        return {
            "replayed": self.replayed,
            "differing": [one.correction_id for one in self.differing],
            "skipped": dict(self.skipped),
        }


def replay(deps: Deps, corrections: Sequence[Correction], layer: Layer | None = None) -> Replayed:
    """Ask every one of these pairs' questions again, by these pairs, over the served layer or over one that may follow it. Nothing is executed.

    Raises what the store raises.
    """
    serving = deps.serving.over(layer) if layer is not None else deps.serving
    pairs = ApprovedPairs([pair for one in corrections if (pair := approved(one)) is not None])
    known = {pair.id: pair for pair in pairs.pairs}
    stage = replace(deps.stage, corrections=lambda: pairs, akin=None, judges_values=layer is None)
    differing, skipped, count = [], [], 0
    for one in corrections:
        why, found = _asked_again(deps, one, known.get(one.id), stage, serving)
        if why:
            skipped.append((one.id, why))
            continue
        count += 1
        if found is not None:
            differing.append(found)
    return Replayed(count, tuple(differing), tuple(skipped))


def same_words(deps: Deps, one: Correction, other: Correction) -> bool:
    """Whether the questions of two corrections are one, in all that they say."""
    person = person_of(deps, one)
    if person is None:
        return False
    lexicon = deps.serving.view(person).lexicon
    moment = msgspec.structs.replace(deps.calendar.moment(deps.clock), today=one.today)
    ours, theirs = (form(said(question, lexicon, moment), Slots()) for question in (one.question, other.question))
    return bool(ours.words) and ours.says(theirs, in_order=True)


def served(deps: Deps) -> list[Correction]:
    """The corrections that answer now, the oldest first."""
    return list(reversed(deps.corrections.store.in_state(deps.project_id, CorrectionState.SERVED)))


def _asked_again(deps: Deps, one: Correction, pair: Approved | None, stage: StageDeps, serving: Serving) -> tuple[str, Difference | None]:
    """Why it can't be asked ("" where it can), and how it differs."""
    if pair is None:
        return "it was kept by another version", None
    person = person_of(deps, one)
    if person is None:
        return "neither who asked nor who approved is there any more", None
    before = refusal(deps.serving.view(person), person, pair)
    if before:
        return before, None
    view = serving.view(person)
    turn = asked(deps, one, person, view, stage)
    if is_approved(turn, pair):
        return "", None
    return "", difference(turn, one, pair)


def asked(deps: Deps, one: Correction, person: Principal, view: ServedLayer, stage: StageDeps) -> Turn:
    """What stage 1 makes of its question, on the day of its approval."""
    moment = msgspec.structs.replace(deps.calendar.moment(deps.clock), today=one.today)
    return interpret(Turn(new_id("qry"), person, moment, view, question=one.question), stage)


def refusal(view: ServedLayer, person: Principal, pair: Approved) -> str:
    """Why the person can't ask the pair's query, or be told it, "" where they can."""
    try:
        if pair.query is not None:
            try_query(view, person, pair.query)
        else:
            try_sql(view, person, pair.sql, pair.source)
    except UserError as error:
        return f"{error.problem.code} {error.problem.message}"
    return "" if may_know(view, person, pair, pair.question) else "it compares with values that are not shown to this person"


def person_of(deps: Deps, one: Correction) -> Principal | None:
    """As whom it is asked: who asked it first, else who approved it, as they are now; None where neither is there any more."""
    for user_id in (one.asked_by, one.approved_by):
        user = deps.people.users.by_id(user_id) if user_id else None
        if user is not None and not user.disabled and user.project_id == one.project_id:
            return principal_of(user)
    return None


def is_approved(turn: Turn, pair: Approved) -> bool:
    """Whether the turn came to what was approved."""
    if pair.query is None:
        return turn.written_sql == pair.sql and turn.source == pair.source
    return turn.query is not None and bare(turn.query) == bare(pair.query)


def difference(turn: Turn, one: Correction, pair: Approved) -> Difference:
    """What the turn came to beside what was approved, as people read it."""
    view, reading, now = turn.served, turn.reading, turn.query
    told = restate(now, view.visible) if now is not None else turn.written_sql
    if now is None and reading is not None and reading.outcome is not Outcome.ANSWER:
        told = " ".join((f"{'asked back' if reading.outcome is Outcome.CLARIFY else 'refused'}:", *(p.message for p in reading.problems)))
        told = " ".join((told, *(f"[{choice.text}]" for choice in reading.choices)))
    was = restate(pair.query, view.visible) if pair.query is not None else pair.sql
    return Difference(one.id, one.question, was, told, one.query, now.canonical().decode() if now is not None else "")
