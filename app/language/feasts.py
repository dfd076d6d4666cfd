"""Days and seasons that have a name of their own, in any year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Days = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class Named:
    """So many words name the days that `of` gives for a year, first and last."""

    words: int
    of: Callable[[int], Days]


def _fixed(month: int, day: int) -> Callable[[int], Days]:
    return lambda year: (dt.date(year, month, day), dt.date(year, month, day))


def _months(first: int) -> Callable[[int], Days]:
    """Three months, as meteorologists count seasons; a winter is that of the year in which it began."""

    def season(year: int) -> Days:
        month, of = (first + 3, year) if first + 3 <= 12 else (first - 9, year + 1)
        return dt.date(year, first, 1), dt.date(of, month, 1) - dt.timedelta(days=1)

    return season


def _thanksgiving(later: int) -> Callable[[int], Days]:
    """Days after the fourth Thursday of November."""

    def day(year: int) -> Days:
        first = dt.date(year, 11, 1)
        found = first + dt.timedelta(days=(3 - first.weekday()) % 7 + 21 + later)
        return found, found

    return day


def _easter_sunday(year: int) -> dt.date:
    """Of the Gregorian calendar, by the method of Meeus, Jones and Butcher (Astronomical Algorithms, chapter 8)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    month, day = divmod(moon + weekday - 7 * ((golden + 11 * moon + 22 * weekday) // 451) + 114, 31)
    return dt.date(year, month, day + 1)


def _easter(later: int) -> Callable[[int], Days]:
    def day(year: int) -> Days:
        found = _easter_sunday(year) + dt.timedelta(days=later)
        return found, found

    return day


_NAMED: dict[tuple[str, ...], Callable[[int], Days]] = {
    ("valentine", "day"): _fixed(2, 14),
    ("valentine",): _fixed(2, 14),
    ("christma", "eve"): _fixed(12, 24),
    ("christma", "day"): _fixed(12, 25),
    ("christma",): _fixed(12, 25),
    ("boxing", "day"): _fixed(12, 26),
    ("new", "year", "day"): _fixed(1, 1),
    ("new", "year", "eve"): _fixed(12, 31),
    ("halloween",): _fixed(10, 31),
    ("thanksgiving",): _thanksgiving(0),
    ("black", "friday"): _thanksgiving(1),
    ("cyber", "monday"): _thanksgiving(4),
    ("good", "friday"): _easter(-2),
    ("easter", "sunday"): _easter(0),
    ("easter", "monday"): _easter(1),
    ("easter",): _easter(0),
    ("spring",): _months(3),
    ("summer",): _months(6),
    ("autumn",): _months(9),
    ("fall",): _months(9),
    ("winter",): _months(12),
}
_LONGEST = max(len(words) for words in _NAMED)


def named_day(stems: Sequence[str]) -> Named | None:
    """The longest name that these stems begin with."""
    for count in range(min(_LONGEST, len(stems)), 0, -1):
        found = _NAMED.get(tuple(stems[:count]))
        if found is not None:
            return Named(count, found)
    return None
