"""Group-by values as people say them: `May 2026`, `Q2 2026`, `Monday`, `10001`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from app.language.formats import cell
from app.language.say import day
from app.model.query import GroupBy
from app.model.result import Value
from app.model.types import DatePart, Grain

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def key_text(value: Value, item: GroupBy) -> str:
    """A value of the group-by item. Keys are names, not amounts: a number bears no thousands separator."""
    if value is None:
        return "(none)"
    if isinstance(value, dt.date):
        return _date(value, item.grain)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _part(int(value), item.date_part) if item.date_part and value == int(value) else str(value)
    return cell(value)


def _date(value: dt.date, grain: str) -> str:
    """The period that begins at `value`; a time of day is kept where the grain is finer than a day."""
    match grain:
        case Grain.YEAR:
            return str(value.year)
        case Grain.QUARTER:
            return f"Q{(value.month + 2) // 3} {value.year}"
        case Grain.MONTH:
            return f"{_MONTHS[value.month - 1]} {value.year}"
        case Grain.WEEK:
            return f"the week of {day(value)}"
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return cell(value)
    return day(value)


def _part(value: int, part: DatePart) -> str:
    """A date part: weekdays (ISO, Monday is 1) and months by name."""
    if part is DatePart.DOW and 1 <= value <= len(_DAYS):
        return _DAYS[value - 1]
    if part is DatePart.MONTH and 1 <= value <= len(_MONTHS):
        return _MONTHS[value - 1]
    return f"Q{value}" if part is DatePart.QUARTER else str(value)
