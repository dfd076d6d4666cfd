"""A question whose answer would be nothing: which of its conditions leaves nothing, and the nearest period of which there is something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec

from app.errors import DataMindError, Problem
from app.language.restate import range_words, restate_with
from app.language.say import Labels, day, say
from app.model.answer import Answer, Choice, Outcome
from app.model.expr import Expr
from app.model.periods import last_day
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.result import Result
from app.model.shapes import Totals
from app.model.types import Grain
from app.pipeline.turn import Turn
from app.service.turns import Further
from app.sql.expressions.walk import conjunction, conjuncts

Ask = Callable[[SemanticQuery], Result | None]
_GUARDED = ("DM4027",)
_MOST_CONDITIONS = 8
"""So many of a question's conditions are looked at, each by two further queries."""
_MONTH = GroupBy("metric_time", Grain.MONTH.value)


def told_if_empty(turn: Turn, ask: Ask) -> Turn:
    """The turn, whose answer is a no with the reason where its question came to nothing because there is no data of its period, or none under a condition.

    `ask` answers further metric queries as the same person, and gives None where one can't be answered: then nothing is said of it. A zero within the
    time of which there is data is an answer.
    """
    query, answer = turn.query, turn.answer
    if turn.reading is None or query is None or answer is None or answer.outcome is not Outcome.ANSWER or turn.result is None:
        return turn
    if not query.metrics or query.having is not None or query.calculations or not _is_nothing(turn.result, query):
        return turn
    if any(problem.code in _GUARDED for problem in turn.problems):  # what is left out is there, and nothing is said of it
        return turn
    months = _months(query, ask) if query.time is not None and query.time.bounded else []
    why = _of_period(query, turn.served.lexicon.labels, months) or _of_condition(query, turn.served.lexicon.labels, ask)
    if why is None:
        return _with_nearest(turn, answer, query, months)
    problem, nearest = why
    choices = tuple(Choice(restate_with(one, turn.served.lexicon.labels), one) for one in nearest)
    problems = (*answer.problems, problem)
    no = msgspec.structs.replace(
        answer,
        outcome=Outcome.REFUSE,
        text=problem.message,
        problems=problems,
        choices=choices,
        nearest=tuple(choice.text for choice in choices),
        query=None,
        result=None,
        confidence=0.0,
        parts=(),
        follow_ups=(),
        chart=None,
    )
    return turn.with_(answer=no, result=None, problems=(*turn.problems, problem))


def asking(run: Further) -> Ask:
    """An Ask by a use case that may refuse."""

    def ask(query: SemanticQuery) -> Result | None:
        try:
            return run(query).result
        except DataMindError:
            return None

    return ask


def _is_nothing(result: Result, query: SemanticQuery) -> bool:
    values = [value for column, data in zip(result.columns, result.data, strict=True) if column.name in query.metrics for value in data]
    return all(value is None or value == 0 for value in values)


def _with_nearest(turn: Turn, answer: Answer, query: SemanticQuery, months: list[dt.date]) -> Turn:
    """The turn with the nearest month of which there is something as what may be asked next."""
    span = query.time
    if span is None or not months:
        return turn

    def away(month: dt.date) -> dt.timedelta:
        if span.end is not None and month > span.end:
            return month - span.end
        return max(dt.timedelta(0), span.start - last_day(month, Grain.MONTH)) if span.start is not None else dt.timedelta(0)

    near = min(months, key=away)
    month = TimeRange(near, last_day(near, Grain.MONTH))
    choice = Choice(f"And {range_words(month)}, the nearest month with any?", msgspec.structs.replace(query, time=month))
    if choice.query in {one.query for one in answer.follow_ups}:
        return turn
    return turn.with_(answer=msgspec.structs.replace(answer, follow_ups=(choice, *answer.follow_ups[:2])))


def _of_period(query: SemanticQuery, labels: Labels, months: list[dt.date]) -> tuple[Problem, list[SemanticQuery]] | None:
    """That the period lies before, or behind, all that there is."""
    span = query.time
    if span is None or not months:
        return None
    first, last = months[0], last_day(months[-1], Grain.MONTH)
    before, behind = span.end is not None and span.end < first, span.start is not None and span.start > last
    if not (before or behind):
        return None
    near = months[0] if before else months[-1]
    named = labels.metric(query.metrics[0]).lower()
    message = f"there is no {named} of that period ({range_words(span)}): it goes from {day(first)} to {day(last)}"
    nearest = msgspec.structs.replace(query, time=TimeRange(near, last_day(near, Grain.MONTH)))
    return Problem("DM6018", message, hint="ask for a period within that time"), [nearest]


def _months(query: SemanticQuery, ask: Ask) -> list[dt.date]:
    """The months in which the metric has a value other than zero, under the query's own filter."""
    metric = query.metrics[0]
    result = ask(SemanticQuery(metrics=(metric,), group_by=(_MONTH,), where=query.where, order_by=(OrderBy(_MONTH.column),)))
    if result is None:
        return []
    columns = {column.name: data for column, data in zip(result.columns, result.data, strict=True)}
    found = zip(columns.get(_MONTH.column, ()), columns.get(metric, ()), strict=False)
    return [_date(month) for month, value in found if value and isinstance(month, dt.date)]


def _date(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _of_condition(query: SemanticQuery, labels: Labels, ask: Ask) -> tuple[Problem, list[SemanticQuery]] | None:
    """The one condition under which there is nothing at any time, where there is something without it."""
    parts = conjuncts(query.where)
    for at, part in enumerate(parts[:_MOST_CONDITIONS]):
        ever = msgspec.structs.replace(_without(query, part), time=None)
        without = _without(query, conjunction(*parts[:at], *parts[at + 1 :]))
        never, result = ask(ever), ask(without)
        if never is not None and _is_nothing(never, ever) and result is not None and not _is_nothing(result, without):
            named = labels.metric(query.metrics[0]).lower()
            return Problem("DM6018", f"there is no {named} where {say(part, labels)}", hint="leave that condition out"), [without]
    return None


def _without(query: SemanticQuery, where: Expr | None) -> SemanticQuery:
    return msgspec.structs.replace(query, where=where, group_by=(), order_by=(), limit=None, top=None, totals=Totals.NONE)
