"""Payments for orders, and refunds of their lines."""

from __future__ import annotations

import numpy as np

from app.adapters.demo import catalogue, orders
from app.adapters.demo.draws import Draws, texts
from app.adapters.demo.orders import Sales
from app.adapters.demo.period import DAY, END, arrivals
from app.adapters.demo.tables import Column, Kind, Table

FIRST_PAYMENT_ID = 5_000_001
FIRST_REFUND_ID = 9_000_001

_RETURNING = {"DE": 1.35, "AT": 1.25, "CH": 1.2, "ES": 0.75, "PT": 0.7, "GB": 0.9}
"""How much more, or less, customers of some countries send back than the others."""


def payments(sales: Sales) -> Table:
    """The table `payments`: together they are what the order cost; one order in fifty is paid by a gift card and a bank card."""
    draws = Draws("payments")
    paid = np.flatnonzero(~sales.cancelled).astype(np.int64)
    method = draws.choice(len(paid), {"card": 0.58, "wallet": 0.24, "bank_transfer": 0.12, "gift_card": 0.06})
    split = draws.chance(len(paid), 0.02)
    method[split] = "card"
    gift = np.where(split, sales.order_total[paid] * 4 // 10, 0)
    moment = sales.placed[paid] + draws.integers(len(paid), 0, 120)
    last_four = texts([f"{digits:04d}" for digits in draws.integers(len(paid), 0, 9999).tolist()])

    order = np.concatenate([paid, paid[split]])
    amount = np.concatenate([sales.order_total[paid] - gift, gift[split]])
    means = np.concatenate([method, texts(["gift_card"] * int(split.sum()))])
    when = np.minimum(np.concatenate([moment, moment[split]]), END - 1)
    by_order = np.argsort(order, kind="stable")
    happened = when[by_order]
    return Table(
        "payments",
        "payment_id",
        (
            Column("payment_id", Kind.ID, FIRST_PAYMENT_ID + np.arange(len(order), dtype=np.int64)),
            Column("order_id", Kind.ID, orders.FIRST_ID + order[by_order]),
            Column("method", Kind.TEXT, means[by_order]),
            Column("card_last_four", Kind.TEXT, np.concatenate([last_four, last_four[split]])[by_order], (means != "card")[by_order]),
            Column("amount", Kind.MONEY, amount[by_order]),
            Column("paid_at", Kind.TIME, happened),
            Column("loaded_at", Kind.TIME, arrivals(draws, happened)),
        ),
    )


def refunds(sales: Sales) -> Table:
    """The table `refunds`: some lines of orders that were not cancelled, equipment more often, the whole or half of what was charged."""
    draws = Draws("refunds")
    count = len(sales.line_order)
    likely = np.where(catalogue.IS_EQUIPMENT[sales.line_product], 0.065, 0.027)
    for country, factor in _RETURNING.items():
        likely = np.where((sales.country == country)[sales.line_order], likely * factor, likely)
    refunded = sales.placed[sales.line_order] + draws.integers(count, 2 * DAY, 30 * DAY)
    line = np.flatnonzero(draws.chance(count, likely) & ~sales.cancelled[sales.line_order] & (refunded < END)).astype(np.int64)
    net = sales.line_net[line]
    amount = np.where(draws.chance(len(line), 0.3), net // 2, net)
    reason = draws.choice(len(line), {"damaged in transit": 0.35, "not to my taste": 0.3, "wrong item": 0.2, "arrived too late": 0.15})
    return Table(
        "refunds",
        "refund_id",
        (
            Column("refund_id", Kind.ID, FIRST_REFUND_ID + np.arange(len(line), dtype=np.int64)),
            Column("order_line_id", Kind.ID, orders.FIRST_LINE_ID + line),
            Column("amount", Kind.MONEY, amount),
            Column("reason", Kind.TEXT, reason, draws.chance(len(line), 0.2)),
            Column("refunded_at", Kind.TIME, refunded[line]),
            Column("loaded_at", Kind.TIME, arrivals(draws, refunded[line], late=0.08)),
        ),
    )
