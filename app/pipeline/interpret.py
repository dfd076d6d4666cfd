"""Stage 1: a question in words becomes a SemanticQuery, or a question back, or an honest no."""

from __future__ import annotations

from app.language.chosen import as_chosen
from app.language.interpret import interpret as read_question
from app.model.answer import Outcome
from app.pipeline.turn import StageDeps, Turn


def interpret(turn: Turn, _deps: StageDeps) -> Turn:
    """Read the question with the lexicon of what the asker may see. A metric query or written SQL passes through untouched."""
    if turn.query is not None or turn.written_sql:
        return turn
    served = turn.served
    read = read_question(turn.question, served.lexicon, served.visible, served.joins, turn.moment, turn.previous)
    reading = as_chosen(read, turn.chosen)
    query = reading.query if reading.outcome is Outcome.ANSWER else None
    return turn.with_(reading=reading, query=query, problems=(*turn.problems, *reading.problems))
