"""How questions are read by the layer as it was and as it is, and what they are answered by each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.errors import DataMindError
from app.language.interpret import interpret
from app.language.reading import Reading
from app.model.answer import Outcome
from app.model.moment import Moment
from app.model.ontology import Layer
from app.model.query import SemanticQuery
from app.pipeline.turn import ServedLayer
from app.redaction.problems import all_impersonal
from app.service.check.subject import Ask, Questions
from app.service.evaluation.difference import count, first_rows
from app.service.evaluation.question import Question
from app.service.evaluation.table import Table, answered


@dataclass(frozen=True, slots=True)
class Side:
    """What a question comes to by one layer; `table` holds its rows, None where it was not asked, and `problem` says why it could not be."""

    reading: Reading
    table: Table | None = None
    problem: str = ""

    @property
    def meaning(self) -> tuple[Outcome, SemanticQuery | None]:
        """What must not change unseen."""
        return self.reading.outcome, self.reading.query

    @property
    def told(self) -> str:
        """The reading in words, with its rows where it was asked."""
        reading = self.reading
        why = " ".join(problem.message for problem in all_impersonal(reading.problems))
        said = {Outcome.CLARIFY: f"asked back: {why}", Outcome.REFUSE: f"refused: {why}"}.get(reading.outcome, reading.restated)
        if self.problem:
            return f"{said}: {self.problem}"
        return said if self.table is None else f"{said}: {count(self.table)} {first_rows(self.table.rows)}".rstrip()

    def body(self) -> dict[str, Any]:
        """For programs."""
        return {
            "outcome": str(self.reading.outcome),
            "query": self.reading.query,
            "told": self.told,
            "columns": self.table.columns if self.table else None,
            "rows": self.table.rows if self.table else None,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class Twice:
    """A question by both layers."""

    question: Question
    before: Side
    after: Side

    @property
    def read_otherwise(self) -> bool:
        """Whether it is understood in another way, or not any more."""
        return self.before.meaning != self.after.meaning

    @property
    def answered_otherwise(self) -> bool:
        """Whether other rows come of it, or none."""
        before, after = self.before, self.after
        if before.table is None or after.table is None:
            return before.problem != after.problem
        return _marks(before.table) != _marks(after.table)

    @property
    def is_answered(self) -> bool:
        """Whether either layer has a query for it."""
        return self.before.reading.query is not None or self.after.reading.query is not None


def readings(questions: Sequence[Question], wanted: Questions, views: Sequence[ServedLayer]) -> Iterator[Twice]:
    """Read each question by both views. Nothing is executed, and nothing raised."""
    for question in questions:
        before, after = (Side(_read(question, view, wanted.moment(question.today))) for view in views)
        yield Twice(question, before, after)


def asked(found: Twice, layers: Sequence[Layer], ask: Ask) -> Twice:
    """The same with the rows that both layers give."""
    before, after = (_asked(side, layer, ask) for side, layer in zip((found.before, found.after), layers, strict=True))
    return replace(found, before=before, after=after)


def _read(question: Question, view: ServedLayer, moment: Moment) -> Reading:
    """The reading of a question after those of its context, which hand on what they came to."""
    previous: SemanticQuery | None = None
    for text in (*question.asked_before, question.question):
        reading = interpret(text, view.lexicon, view.visible, view.joins, moment, previous)
        previous = reading.query or previous
    return reading


def _asked(side: Side, layer: Layer, ask: Ask) -> Side:
    query = side.reading.query
    if query is None:
        return side
    try:
        result = ask(layer, query)
    except DataMindError as error:
        return replace(side, problem=f"{error.problem.code} {error.problem.message}")
    return replace(side, table=answered(result, {item.column for item in query.group_by}))


def _marks(table: Table) -> list[str]:
    """The rows in an order of their own; what an engine's summing leaves open in the last digits of a number is no difference."""
    return sorted(
        repr([f"{cell:.9g}" if isinstance(cell, float | int) and not isinstance(cell, bool) else cell for cell in row])
        for row in table.rows
    )
