"""What the names of columns let one guess: times, amounts to add up, figures to average, states to take at the end of a period."""

from __future__ import annotations

import re
from enum import StrEnum

from app.model.physical import ModelColumn
from app.model.types import Aggregation, DataType

_TIME = re.compile(
    r"(?:_at|_on|_date|_datetime|_time|_timestamp|_ts|_day|_month)$|^(?:date|datetime|timestamp|day|created|modified)$|^date_"
)
_STATE = re.compile(r"(?:^|_)(?:balance|stock|inventory|mrr|arr|headcount|on_hand|backlog|open_\w+)(?:$|_)")
_FIGURE = re.compile(
    r"(?:^|_)(?:price|rate|ratio|pct|percent|percentage|share|score|rating|avg|average|mean|median|age|duration|hours|minutes|seconds|days|weight"
    r"|height|temperature|speed|latency|margin)(?:$|_)"
)
_PLACE = re.compile(
    r"(?:^|_)(?:lat|latitude|lon|lng|longitude|x|y|rank|row_number|index|sequence|position|line_number|version|year|month)(?:$|_)"
)
_AMOUNT = re.compile(
    r"(?:^|_)(?:amount|amt|total|subtotal|revenue|sales|cost|costs|fee|fees|tax|taxes|discount|quantity|qty|count|units|items|value|paid|refund"
    r"|refunded|payment|gross|net|spend|profit|income|budget|credits?|debits?|views|clicks|impressions|visits|sessions|orders|points|volume)(?:$|_)"
)
_TEXT = re.compile(r"(?:^|_)(?:description|comments?|notes?|body|text|message|url|uri|json|payload|html|content|address_line\w*)$")
_CODES = re.compile(r"(?:^|_)(?:id|key|code|sk|pk|fk|uuid|guid|hash|number|no)$")


class Weight(StrEnum):
    """How far a guess may be trusted: written as it is, or commented out."""

    SURE = "sure"
    GUESS = "guess"


def looks_like_time(column: ModelColumn) -> bool:
    """Whether a column of unknown type bears a time's name."""
    return column.type is DataType.OTHER and not column.native_type and bool(_TIME.search(column.name.lower()))


def looks_like_text(column: ModelColumn) -> bool:
    """Whether a column bears the name of free text, by which nobody groups."""
    return column.type in (DataType.TEXT, DataType.OTHER) and bool(_TEXT.search(column.name.lower()))


def is_code(column: ModelColumn) -> bool:
    """Whether a number names something, and is nothing to add up."""
    return bool(_CODES.search(column.name.lower()))


def aggregation(column: ModelColumn) -> tuple[Aggregation, str, Weight] | None:
    """How the values of a column are put together, with what in its name says so; None for what is no figure.

    A name alone is a guess: only with a numeric type is a sum or an average certain enough to be written.
    """
    name = column.name.lower()
    typed = column.type.is_numeric
    if is_code(column) or looks_like_time(column) or not (typed or (column.type is DataType.OTHER and not column.native_type)):
        return None
    weight = Weight.SURE if typed else Weight.GUESS
    if found := _STATE.search(name):
        return Aggregation.SUM, _word(found[0]), Weight.GUESS
    if _PLACE.search(name):
        return None
    if found := _FIGURE.search(name):
        return Aggregation.AVERAGE, _word(found[0]), weight
    if found := _AMOUNT.search(name):
        return Aggregation.SUM, _word(found[0]), weight
    return (Aggregation.SUM, "", Weight.GUESS) if typed else None


def is_state(column: ModelColumn) -> bool:
    """Whether a figure is a state at a moment, which does not add up over time."""
    return bool(_STATE.search(column.name.lower()))


def _word(text: str) -> str:
    return text.strip("_")
