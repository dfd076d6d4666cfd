"""Stage 1: a question in words becomes a SemanticQuery, or a question back, or an honest no."""

from __future__ import annotations

import msgspec

from app.language.chosen import as_chosen
from app.language.interpret import interpret as read_question
from app.language.reading import Reading
from app.language.why import read_why
from app.model.answer import Outcome
from app.model.query import SemanticQuery
from app.pipeline.correct import corrected
from app.pipeline.drafted import drafted
from app.pipeline.turn import StageDeps, Turn
from app.ports import Akin

_MOST_NEAREST = 5
_FEW = 3


def interpret(turn: Turn, deps: StageDeps) -> Turn:
    """Read the question with the lexicon of what the asker may see, or as was approved for it; where a language model is set, its reading is held beside the
    grounded one. A metric query or written SQL passes through untouched. What was approved, or the person chose before, is asked nobody else."""
    if turn.query is not None or turn.written_sql:
        return turn
    served = turn.served

    def read(question: str, previous: SemanticQuery | None) -> Reading:
        return read_question(question, served.lexicon, served.visible, served.joins, turn.moment, previous)

    found = read_why(turn.question, turn.previous, turn.moment, served.lexicon.labels, read) or read(turn.question, turn.previous)
    approved = corrected(turn, found, deps)
    if approved is not None:
        return approved
    chosen = as_chosen(found, turn.chosen)
    turn = turn.with_(reading=chosen) if chosen is not found else drafted(turn.with_(reading=found), deps)
    reading = _with_akin(as_chosen(turn.reading or found, turn.chosen), turn, deps.akin)
    query = reading.query if reading.outcome is Outcome.ANSWER else None
    return turn.with_(reading=reading, query=query, problems=(*turn.problems, *reading.problems))


def _with_akin(reading: Reading, turn: Turn, akin: Akin | None) -> Reading:
    """A no with names of visible metrics that are near in meaning to the few words that nothing explains. Nothing else of the reading changes."""
    if akin is None or reading.outcome is not Outcome.REFUSE or not 0 < len(reading.unused) <= _FEW:
        return reading
    found = akin(" ".join(reading.unused), [facts.label for facts in turn.served.lexicon.metrics.values()])
    return msgspec.structs.replace(reading, nearest=tuple(dict.fromkeys((*found, *reading.nearest)))[:_MOST_NEAREST]) if found else reading
