"""Subscriptions to the monthly boxes, and the events that change what they pay."""

from __future__ import annotations

import numpy as np

from app.adapters.demo import people
from app.adapters.demo.draws import Draws, Flags, Ints, texts
from app.adapters.demo.period import DAY, DAYS, END, arrivals, moments
from app.adapters.demo.tables import Column, Kind, Table

FIRST_ID = 20_001
FIRST_EVENT_ID = 80_001
PLANS = (("SIP", 1400, 0.28), ("BREW", 2400, 0.34), ("ROAST", 3200, 0.2), ("CELLAR", 4900, 0.1), ("OFFICE", 11900, 0.08))
"""Code, monthly price in cents and share of new subscribers, cheapest first, as `dbt_project/seeds/plans.csv` lists them (a test compares the two)."""

_PRICES: Ints = np.asarray([price for _, price, _ in PLANS], dtype=np.int64)
_KINDS = ("started", "upgraded", "downgraded", "paused", "resumed", "cancelled")
_STARTED, _UPGRADED, _DOWNGRADED, _PAUSED, _RESUMED, _CANCELLED = range(6)
_MONTH = 30 * DAY


def subscriptions(count: int, customers: Table) -> tuple[Table, Table]:
    """The tables `subscriptions` and `subscription_events`."""
    draws = Draws("subscriptions")
    started = moments(draws, count, growth=1.8)
    known = np.maximum(np.searchsorted(customers.column("signed_up_at").values, started, side="right"), 1).astype(np.int64)
    subscriber = people.FIRST_ID + draws.below(known)
    kind, subscription, plan, paid, happened = _history(draws, started, draws.pick(count, [share for _, _, share in PLANS]))
    order = np.lexsort((subscription, happened))
    reason = draws.choice(
        len(kind), {"too expensive": 0.3, "too much coffee": 0.25, "moving": 0.15, "another shop": 0.2, "gift ended": 0.1}
    )
    happened = happened[order]
    ended = (kind == _CANCELLED)[order]
    events = Table(
        "subscription_events",
        "subscription_event_id",
        (
            Column("subscription_event_id", Kind.ID, FIRST_EVENT_ID + np.arange(len(kind), dtype=np.int64)),
            Column("subscription_id", Kind.ID, FIRST_ID + subscription[order]),
            Column("event_type", Kind.TEXT, texts(_KINDS)[kind[order]]),
            Column("plan_code", Kind.TEXT, texts([code for code, _, _ in PLANS])[plan[order]]),
            Column("monthly_amount", Kind.MONEY, paid[order]),
            Column("cancel_reason", Kind.TEXT, reason, ~ended | draws.chance(len(kind), 0.35)),
            Column("occurred_at", Kind.TIME, happened),
            Column("loaded_at", Kind.TIME, arrivals(draws, happened, late=0.03)),
        ),
    )
    contracts = Table(
        "subscriptions",
        "subscription_id",
        (
            Column("subscription_id", Kind.ID, FIRST_ID + np.arange(count, dtype=np.int64)),
            Column("customer_id", Kind.ID, subscriber),
            Column("signup_source", Kind.TEXT, draws.choice(count, {"web shop": 0.48, "store": 0.17, "referral": 0.2, "gift": 0.15})),
            Column("started_at", Kind.TIME, started),
            Column("loaded_at", Kind.TIME, arrivals(draws, started)),
        ),
    )
    return contracts, events


def _history(draws: Draws, started: Ints, plan: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Kind, subscription, plan, amount paid from then on and time of every event: at most one each 30 days, until cancelled or the period ends.

    A subscription keeps the price level of its start: those of the first 500 days pay 6% less.
    """
    count = len(started)
    level = np.where(started < END - (DAYS - 500) * DAY, 94, 100)
    rows = np.arange(count, dtype=np.int64)
    found = [(np.zeros(count, dtype=np.int64), rows, plan, _PRICES[plan] * level // 100, started)]
    running: Flags = np.ones(count, dtype=np.bool_)
    paused: Flags = np.zeros(count, dtype=np.bool_)
    plan = plan.copy()
    for month in range(1, DAYS * DAY // _MONTH + 1):
        moment = started + month * _MONTH + draws.integers(count, 0, 5 * DAY)
        share = draws.uniform(count)
        leaves = share < (0.075 if month <= 3 else 0.035)
        kind = np.full(count, -1, dtype=np.int64)
        kind[(share > 0.985) & (plan < len(PLANS) - 1)] = _UPGRADED
        kind[(share > 0.975) & (share <= 0.985) & (plan > 0)] = _DOWNGRADED
        kind[(share > 0.955) & (share <= 0.975)] = _PAUSED
        kind[paused] = np.where(share[paused] < 0.55, _RESUMED, -1)
        kind[np.where(paused, share > 0.9, leaves)] = _CANCELLED
        now = (kind >= 0) & running & (moment < END)
        plan = plan + (now & (kind == _UPGRADED)) - (now & (kind == _DOWNGRADED))
        paused = np.where(now, kind == _PAUSED, paused)
        running &= ~(now & (kind == _CANCELLED))
        pays = np.where((kind == _PAUSED) | (kind == _CANCELLED), 0, _PRICES[plan] * level // 100)
        found.append((kind[now], rows[now], plan[now], pays[now], moment[now]))
    kinds, subscription, plans, paid, happened = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return kinds, subscription, plans, paid, happened
