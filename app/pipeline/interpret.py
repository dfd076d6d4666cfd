"""Stage 1: a question in words becomes a SemanticQuery, or a question back, or an honest no."""

from __future__ import annotations

from app.language.interpret import interpret as read_question
from app.language.reading import Reading
from app.language.why import read_why
from app.model.answer import Outcome
from app.model.query import SemanticQuery
from app.pipeline.turn import StageDeps, Turn


def interpret(turn: Turn, _deps: StageDeps) -> Turn:
    """Read the question with the lexicon of what the asker may see. A metric query or written SQL passes through untouched."""
    if turn.query is not None or turn.written_sql:
        return turn
    served = turn.served

    def read(question: str, previous: SemanticQuery | None) -> Reading:
        return read_question(question, served.lexicon, served.visible, served.joins, turn.moment, previous)

    reading = read_why(turn.question, turn.previous, turn.moment, served.lexicon.labels, read) or read(turn.question, turn.previous)
    query = reading.query if reading.outcome is Outcome.ANSWER else None
    return turn.with_(reading=reading, query=query, problems=(*turn.problems, *reading.problems))
