"""Asks golden questions, one after the other, each on its own day, through the pipeline that answers everybody."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from app.errors import DataMindError, Problem, UserError, Where
from app.model.answer import Choice, Outcome
from app.pipeline.turn import Turn
from app.ports import LanguageModel
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.evaluation.conversation import Conversation
from app.service.evaluation.gold_query import gold_request
from app.service.evaluation.judged import Answered, Judged, judged
from app.service.evaluation.question import Gold, Kind, Question
from app.service.evaluation.table import GoldTable, Table, answered, gold_table
from app.service.exports.recorded import exported
from app.service.query import query
from app.service.rights import require_asking

_NOBODY_ANSWERS = ("DM5001", "DM5006", "DM5007", "DM5009", "DM5010", "DM5011", "DM8")
"""Problems of servers: nothing that is asked after them says anything about answers."""
_REFUSALS = ("DM3", "DM4", "DM6")
_JUDGED_BY_ROWS = (Kind.ANSWERABLE, Kind.HOSTILE)


@dataclass(frozen=True, slots=True)
class Asking:
    """As whom, on which engine ("" leaves the choice), and on what questions are asked; `file` is where they were read. `exports` is the format of the file that
    rows are written into, "" for none: each answer is recorded as leaving before it does."""

    deps: Deps
    caller: Caller
    source: str = ""
    file: str = ""
    exports: str = ""

    def by(self, model: LanguageModel | None) -> Asking:
        """The same with that language model, None for the grounded interpreter alone. No gate is before a model that is measured."""
        return replace(self, deps=replace(self.deps, model=model, gates=None))

    def on(self, today: dt.date | None) -> Deps:
        """The same on that day."""
        return self.deps if today is None else replace(self.deps, calendar=replace(self.deps.calendar, pinned=today))


def gold_tables(asking: Asking, questions: Sequence[Question]) -> Mapping[str, tuple[GoldTable, ...]]:
    """By id the rows that are right; those that only a query tells are asked of the project.

    Raises UserError DM7010 for who may not ask, DM6051 with a Problem for each gold query that can't be answered, and what servers raise.
    """
    require_asking(asking.caller)
    found: dict[str, tuple[GoldTable, ...]] = {}
    problems: list[Problem] = []
    for question in questions:
        golds = question.golds if question.kind in _JUDGED_BY_ROWS else ()
        try:
            found[question.id] = tuple(_gold(asking, question, gold) for gold in golds)
        except DataMindError as error:
            if _is_of_servers(error):
                raise
            problems += [_unfit(problem, asking.file, question) for problem in error.problems]
    if problems:
        raise UserError(*problems)
    return found


def evaluate(asking: Asking, questions: Sequence[Question], golds: Mapping[str, tuple[GoldTable, ...]]) -> Iterator[Judged]:
    """Ask each question after those of its context, and judge the answer. Raises what servers raise: what one question can't get is its answer."""
    for question in questions:
        yield judged(question, _answer(asking, question), golds.get(question.id, ()))


def _gold(asking: Asking, question: Question, gold: Gold) -> GoldTable:
    if gold.has_rows:
        return gold_table(gold)
    result = query(asking.on(question.today), asking.caller, gold_request(gold), source=asking.source).result
    if result is None:
        raise UserError(Problem("DM6051", "the gold query ended without rows"))
    names = [column.name for column in result.columns]
    values = {*gold.metrics, *names[len(names) - len(gold.calculations) :]} if gold.calculations else set(gold.metrics)
    table = answered(result, [name for name in names if name not in values])
    made = gold_table(gold, table.columns, table.rows)
    return replace(made, table=table)


def _unfit(problem: Problem, file: str, question: Question) -> Problem:
    where = Where(file, question.line, path=problem.where.path if problem.where else "")
    said = problem.message if problem.code == "DM6051" else f"{problem.code} {problem.message}"
    return Problem("DM6051", f"the gold query can't be answered: {said}", where=where, hint=problem.hint)


def _answer(asking: Asking, question: Question) -> Answered:
    started = time.perf_counter()
    conversation = Conversation(asking.on(question.today), asking.caller, asking.source)
    try:
        for earlier in question.asked_before:
            conversation.ask(earlier, until="interpret")
        turn = conversation.ask(question.question)
        with exported(asking.deps, asking.caller, turn, asking.exports) if asking.exports and turn.result else nullcontext():
            found = _of(turn)
    except DataMindError as error:
        if _is_of_servers(error):
            raise
        problem = error.problem
        refused = isinstance(error, UserError) and problem.code.startswith(_REFUSALS)
        found = Answered(Outcome.REFUSE, said=f"{problem.code} {problem.message}", failed=not refused)
    except Exception as error:  # a fault of ours in one question says something of that one
        found = Answered(Outcome.REFUSE, said=f"internal error ({type(error).__name__})", failed=True)
    return replace(found, milliseconds=round((time.perf_counter() - started) * 1000, 3))


def _of(turn: Turn) -> Answered:
    """What a turn came to."""
    answer = turn.answer
    if answer is None:
        raise TypeError("a turn that went through every stage holds an answer")
    if answer.outcome is not Outcome.ANSWER or answer.result is None:
        said = _said(answer.text, answer.choices)
        return Answered(answer.outcome, said=said, confidence=answer.confidence, drafted=answer.drafted)
    keys = {item.column for item in answer.query.group_by} if answer.query else set()
    table: Table = answered(answer.result, keys)
    return Answered(answer.outcome, table, answer.query, answer.confidence, answer.restated, drafted=answer.drafted)


def _said(text: str, choices: Sequence[Choice]) -> str:
    return f"{text} ({' / '.join(choice.text for choice in choices)})" if choices else text


def _is_of_servers(error: DataMindError) -> bool:
    return error.problem.code.startswith(_NOBODY_ANSWERS)
