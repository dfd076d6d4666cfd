"""How a number compares with the period before, said beside it where that costs one query of the same kind."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from app.errors import DataMindError
from app.language.by_time import timing
from app.language.changes import compared_words, earlier_words
from app.language.edits import before
from app.language.lexicon import Lexicon
from app.language.narrate import with_more
from app.model.answer import Comparison, Outcome
from app.model.query import SemanticQuery, TimeRange
from app.model.result import Result, Value
from app.model.types import DatePart
from app.pipeline.turn import Turn
from app.service.turns import Further
from app.sql.expressions.walk import fields

SECONDS = 1.0
"""What the comparison may take. One that takes longer is not made: the answer does not wait for it."""


def with_comparison(turn: Turn, further: Further) -> Turn:
    """The turn with the comparison in its answer, where that is free.

    It is for one number: one metric that looks at no other time itself, of one closed period, without groups, calculations, or conditions on metrics or times:
    of orders that were delivered in June the period before has next to none. Which
    questions are compared hangs on the query alone, so that the same question has the same answer; only one that takes longer than a second has none.
    """
    query, answer = turn.query, turn.answer
    if query is None or answer is None or answer.outcome is not Outcome.ANSWER or not _is_free(query, turn.served.lexicon):
        return turn
    metric = turn.served.visible.metric(query.metrics[0])
    if metric is None or query.time is None or timing(metric, turn.served.visible) is not None:
        return turn
    found = before(query.time, running=query.time.end == turn.moment.today)
    if found is None:
        return turn
    try:
        comparison = compared(turn, further, found[0], seconds=SECONDS)
    except DataMindError:
        return turn
    if comparison is None:
        return turn
    words = compared_words(comparison, metric, earlier_words(query.time, found[1]))
    return turn.with_(answer=msgspec.structs.replace(answer, comparison=comparison, text=with_more(answer.text, words)))


def _is_free(query: SemanticQuery, lexicon: Lexicon) -> bool:
    shaped = query.is_shaped or query.group_by or query.having is not None or query.saved_query or query.limit is not None
    dated = (field.name for field in fields(query.where) if field.date_part is not DatePart.DOW)  # weekends there are in every month
    return len(query.metrics) == 1 and not shaped and not any(_is_time(name, lexicon) for name in dated)


def _is_time(name: str, lexicon: Lexicon) -> bool:
    """Whether a name, which may say the way to it, is that of a time."""
    times = (facts.name for facts in lexicon.dimensions.values() if facts.is_time)
    return name == "metric_time" or any(name == one or name.endswith(f"__{one}") for one in times)


def compared(turn: Turn, further: Further, earlier: TimeRange, *, seconds: float = 0.0) -> Comparison | None:
    """The one number of the turn beside that of an earlier period; None where one of them is nothing, or is not told. Raises what the stages raise."""
    query = turn.query
    current = _only(turn.result)
    if query is None or current is None:
        return None
    previous = _only(further(msgspec.structs.replace(query, time=earlier), seconds=seconds).result)
    if previous is None:
        return None
    change = current - previous
    percent = change / previous if previous > 0 else None
    return Comparison(query.metrics[0], earlier, current, previous, change, percent)


def _only(result: Result | None) -> Decimal | None:
    return number(result.data[0][0]) if result is not None and result.row_count == 1 and len(result.columns) == 1 else None


def number(value: Value) -> Decimal | None:
    """A number of a result as a decimal; None for what is none, or is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    found = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return found if found.is_finite() else None
