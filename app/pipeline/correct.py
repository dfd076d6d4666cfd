"""Within stage 1: a question that an admin answered is read as was approved, where this person may ask that."""

from __future__ import annotations

from dataclasses import replace

from app.errors import Problem, Severity, UserError, Where
from app.language.corrections import Approved, ApprovedPairs, Matched, bare, matches
from app.language.interpret import interpret
from app.language.reading import Reading
from app.language.restate import restate_with
from app.model.answer import Choice, Outcome
from app.model.moment import Moment
from app.model.quality import Quality
from app.model.query import SemanticQuery
from app.pipeline.beside import Beside
from app.pipeline.generate import generate
from app.pipeline.known_values import knows, knows_sql
from app.pipeline.optimize import optimize
from app.pipeline.sanitize import sanitize
from app.pipeline.turn import StageDeps, Turn
from app.pipeline.validate import validate

CORRECTED = "DM6070"
"""The note of an answer that rests on an approved correction."""
_SURE = 0.95


def corrected(turn: Turn, reading: Reading, deps: StageDeps) -> Turn | None:
    """The turn with the approved query or SQL; one that asks back where several were approved; None where none is of this question and this person.

    A question that goes on from one before is none that was approved, and neither is one that asks why.
    """
    pairs = deps.corrections() if deps.corrections is not None else ApprovedPairs()
    if not pairs.pairs or reading.why is not None:
        return None
    served = turn.served

    def read(question: str, moment: Moment) -> Reading:
        return interpret(question, served.lexicon, served.visible, served.joins, moment)

    alone = reading if turn.previous is None else read(turn.question, turn.moment)
    found = matches(turn.question, alone, pairs, served.lexicon, turn.moment, read)
    if not found or (turn.previous is not None and _meant(reading) != _meant(alone)):
        return None
    found = _askable(found, turn, deps)
    if not found:
        return None
    different = {_asks(match): match for match in reversed(found)}
    if len(different) > 1:
        return _asked_back(turn, tuple(different.values()))
    return _answered(turn, found[0])


def _meant(reading: Reading) -> tuple[Outcome, tuple[SemanticQuery | None, ...]]:
    return reading.outcome, (reading.query, *(choice.query for choice in reading.choices))


def _asks(match: Matched) -> tuple[SemanticQuery | None, str, str]:
    return bare(match.query) if match.query is not None else None, match.approved.sql, match.approved.source


def _askable(found: tuple[Matched, ...], turn: Turn, deps: StageDeps) -> tuple[Matched, ...]:
    """Those that this person could ask, and whose values they may know: what they may not know of is not there for them."""
    beside, served = Beside(turn, deps), turn.served

    def askable(match: Matched) -> bool:
        if match.query is None:
            return _sendable(match.approved, turn, deps)
        return beside.answerable(match.query) and (not deps.judges_values or knows(match.query, turn.question, served))

    return tuple(match for match in found if askable(match))


def _sendable(pair: Approved, turn: Turn, deps: StageDeps) -> bool:
    """Whether the pair's SQL could be sent for this person. What dbt's tests say of the data plays no part: that is told them, whoever they are."""
    if pair.source not in deps.engines:
        return False
    probe = turn.with_(reading=None, query=None, written_sql=pair.sql, source=pair.source, problems=())
    unjudged = replace(deps, quality=Quality)
    try:
        made = generate(probe, unjudged)
        ready = sanitize(optimize(validate(made, unjudged), unjudged), unjudged)
    except UserError:
        return False
    models = ready.governed.models if ready.governed is not None else ()
    return made.sql is not None and (not deps.judges_values or knows_sql(made.sql.tree, models, turn.question, turn.served))


def _answered(turn: Turn, match: Matched) -> Turn:
    problems = (_note(turn, match), *((_UNCERTIFIED,) if match.query is None else ()))
    text = restate_with(match.query, turn.served.lexicon.labels) if match.query is not None else ""
    read = Reading(Outcome.ANSWER, match.query, _SURE, text, problems=problems)
    sql = {} if match.query is not None else {"written_sql": match.approved.sql, "source": match.approved.source}
    return turn.with_(reading=read, query=match.query, problems=(*turn.problems, *problems), **sql)


def _asked_back(turn: Turn, found: tuple[Matched, ...]) -> Turn:
    labels = turn.served.lexicon.labels
    choices = tuple(Choice(restate_with(match.query, labels), match.query) for match in found if match.query is not None)
    hint = "choose one" if len(choices) == len(found) else "not all of them can be offered, SQL is among them: an admin can withdraw one"
    problem = Problem("DM6071", "this question was answered in more than one way by admins", hint=hint)
    read = Reading(Outcome.CLARIFY, choices=choices, problems=(problem,))
    return turn.with_(reading=read, problems=(*turn.problems, problem))


def _note(turn: Turn, match: Matched) -> Problem:
    """That it rests on an approval; by whom and when is for admins."""
    pair = match.approved
    message = "this question is answered as an admin approved"
    if turn.principal.is_admin and pair.approved_at is not None:
        message += f", by {pair.approved_by} on {pair.approved_at:%Y-%m-%d}"
    return Problem(CORRECTED, message, Severity.NOTE, where=Where(path=pair.id), hint="flag the answer where it is wrong")


_UNCERTIFIED = Problem(
    "DM6079",
    "this answer comes from SQL that an admin approved: governed, not certified",
    Severity.WARNING,
    hint="it stands on no metric's definition",
)
