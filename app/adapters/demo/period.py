"""The three years that the data covers, how busy each of their days is, and when a fact reaches the warehouse."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from app.adapters.demo.draws import Draws, Ints, Reals

EPOCH = date(1970, 1, 1)
FIRST_DAY = date(2023, 7, 1)
LAST_DAY = date(2026, 6, 30)
DAY = 86_400

DAYS = (LAST_DAY - FIRST_DAY).days + 1
START = (FIRST_DAY - EPOCH).days * DAY
END = START + DAYS * DAY
LAST_LOAD = END + 4 * 3600

_WEEKDAY = (0.94, 0.90, 0.93, 0.98, 1.12, 1.28, 1.10)
_MONTH = (0.90, 0.93, 0.97, 0.96, 0.95, 0.88, 0.80, 0.78, 0.97, 1.06, 1.28, 1.62)
_HOUR = (2, 1, 1, 1, 1, 2, 5, 9, 12, 13, 13, 12, 12, 11, 11, 11, 12, 13, 15, 17, 17, 14, 9, 4)


def epoch_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def busyness(growth: float) -> Reals:
    """A weight for each day of the period: the week's rhythm, the season up to Christmas, and growth by that factor from end to end."""
    weights = []
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        weight = _WEEKDAY[day.weekday()] * _MONTH[day.month - 1] * (1 + (growth - 1) * number / DAYS)
        if day.month == 11 and 22 <= day.day <= 30:
            weight *= 1.45
        if day.month == 12 and day.day >= 21:
            weight *= 0.55
        if day.month == 12 and day.day in (25, 26):
            weight *= 0.35
        weights.append(weight)
    return np.asarray(weights, dtype=np.float64)


def moments(draws: Draws, count: int, growth: float) -> Ints:
    """`count` times of the period in seconds since 1970, in order, as busy as its days and hours are."""
    days = draws.pick(count, busyness(growth))
    seconds = draws.pick(count, _HOUR) * 3600 + draws.integers(count, 0, 3599)
    return np.sort(START + days * DAY + seconds)


def arrivals(draws: Draws, happened: Ints, late: float = 0.015) -> Ints:
    """When facts reach the warehouse: at four the next morning, a share of them two to nine days later, none after the last load."""
    nights = np.where(draws.chance(len(happened), late), draws.integers(len(happened), 2, 9), 0)
    return np.minimum((happened // DAY + 1 + nights) * DAY + 4 * 3600, LAST_LOAD)
