"""Visits to the web shop and the app: those that led to an order, and the others."""

from __future__ import annotations

import numpy as np

from app.adapters.demo import people
from app.adapters.demo.draws import Draws
from app.adapters.demo.orders import Sales
from app.adapters.demo.period import START, arrivals, moments
from app.adapters.demo.tables import Column, Kind, Table

FIRST_ID = 40_000_001


def web_sessions(browsing: int, sales: Sales, customers: Table) -> Table:
    """The table `web_sessions`: most orders made online have a visit of that customer shortly before; `browsing` more visits led to nothing at once."""
    draws = Draws("web_sessions")
    bought = np.flatnonzero(sales.online & draws.chance(len(sales.placed), 0.7)).astype(np.int64)
    before = np.where(draws.chance(len(bought), 0.7), draws.integers(len(bought), 120, 3600), draws.integers(len(bought), 3600, 6 * 86_400))
    idle = moments(draws, browsing, growth=2.3)
    signed_up = customers.column("signed_up_at").values
    known = np.searchsorted(signed_up, idle, side="right").astype(np.int64)
    stranger = draws.chance(browsing, 0.68) | (known == 0)
    visitor = np.concatenate([sales.customer[bought], people.FIRST_ID + draws.below(np.maximum(known, 1))])
    started = np.concatenate([np.maximum(sales.placed[bought] - before, START), idle])
    anonymous = np.concatenate([np.zeros(len(bought), dtype=np.bool_), stranger])
    pages = np.concatenate([draws.integers(len(bought), 3, 18), np.where(draws.chance(browsing, 0.41), 1, draws.integers(browsing, 2, 12))])
    order = np.argsort(started, kind="stable")
    count = len(order)
    started = started[order]
    return Table(
        "web_sessions",
        "session_id",
        (
            Column("session_id", Kind.ID, FIRST_ID + np.arange(count, dtype=np.int64)),
            Column("customer_id", Kind.ID, visitor[order], anonymous[order]),
            # A visitor who is not known comes from where a customer of the same position lives: the mix of countries is the same.
            Column("country_code", Kind.TEXT, customers.column("country_code").values[visitor[order] - people.FIRST_ID]),
            Column("device", Kind.TEXT, draws.choice(count, {"phone": 0.58, "computer": 0.34, "tablet": 0.08})),
            Column(
                "traffic_source",
                Kind.TEXT,
                draws.choice(
                    count, {"search": 0.34, "direct": 0.24, "newsletter": 0.16, "social": 0.14, "affiliate": 0.07, "podcast": 0.05}
                ),
                draws.chance(count, 0.03),
            ),
            Column("page_views", Kind.COUNT, pages[order]),
            Column("started_at", Kind.TIME, started),
            Column("loaded_at", Kind.TIME, arrivals(draws, started, late=0.002)),
        ),
    )
