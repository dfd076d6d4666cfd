"""The case whose answer depends on which of two equal visits a purchase is credited to: every answer that is right, worked out from the data."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

TIED = "conversion_rate_metric_with_dimension"
"""How the ids of such cases end: the rate of visits that led to a purchase within seven days, by the visit's referrer."""

_WINDOW = dt.timedelta(days=7)


class Visit(NamedTuple):
    """Who came, when, and from where."""

    user: str
    at: dt.datetime
    referrer: str


class Buy(NamedTuple):
    """Who bought, and when."""

    user: str
    at: dt.datetime


def possible_rates(visits: Sequence[Visit], buys: Sequence[Buy]) -> list[list[list[object]]]:
    """Rows of (referrer, rate) for every choice among ties.

    A purchase is credited to the buyer's latest visit of the seven days that end with it (dbt's documentation of conversion metrics); where
    there are several of that time, to any of them. A referrer without a credited purchase has NULL.
    """
    visited = Counter(visit.referrer for visit in visits)
    answers: dict[tuple[tuple[str, float | None], ...], None] = {}
    for chosen in itertools.product(*filter(None, (_candidates(visits, buy) for buy in buys))):
        bought = Counter(chosen)
        answers[tuple((name, bought[name] / visited[name] if name in bought else None) for name in sorted(visited))] = None
    return [[list(row) for row in rows] for rows in answers]


def _candidates(visits: Sequence[Visit], buy: Buy) -> list[str]:
    """The referrers of the buyer's latest visits before the purchase: one, or several of the same time."""
    before = [v for v in visits if v.user == buy.user and buy.at - _WINDOW < v.at <= buy.at]
    latest = max((v.at for v in before), default=None)
    return sorted({v.referrer for v in before if v.at == latest})
