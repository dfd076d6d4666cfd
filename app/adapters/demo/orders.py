"""Orders and their lines: who bought what, where, at which price, and how far the order has got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from app.adapters.demo import catalogue, people
from app.adapters.demo.draws import Draws, Flags, Ints, Texts, texts
from app.adapters.demo.period import DAY, END, LAST_LOAD, arrivals, epoch_day, moments
from app.adapters.demo.places import STORES
from app.adapters.demo.tables import Column, Kind, Table, joined

FIRST_ID = 700_001
FIRST_LINE_ID = 3_000_001
_LINES = (0.34, 0.30, 0.20, 0.10, 0.06)
_QUANTITIES = ((1, 0.69), (2, 0.21), (3, 0.07), (6, 0.03))


@dataclass(frozen=True, slots=True)
class Sales:
    """What payments, refunds and visits need to know of the orders: one element an order, or an order line."""

    orders: Table
    lines: Table
    placed: Ints
    customer: Ints
    country: Texts
    online: Flags
    cancelled: Flags
    order_total: Ints
    line_order: Ints
    line_product: Ints
    line_net: Ints


def sell(count: int, customers: Table) -> Sales:
    """`count` orders with their lines. An order that was cancelled keeps its lines and is never paid."""
    draws = Draws("orders")
    placed = moments(draws, count, growth=2.1)
    buyer = _buyers(draws, placed, customers.column("signed_up_at").values)
    country = customers.column("country_code").values[buyer]
    channel, store = _places(draws, placed, country)
    online: Flags = np.asarray(store == 0, dtype=np.bool_)
    cancelled = draws.chance(count, 0.04) & online
    promoted = draws.chance(count, np.where((placed // DAY) % 7 == 1, 0.24, 0.15))
    code = draws.choice(count, {"WELCOME10": 0.4, "crane15": 0.25, "TEATIME": 0.2, "ADVENT": 0.15})

    shipped = placed + draws.integers(count, 4 * 3600, 96 * 3600)
    unshipped = ~online | cancelled | (shipped >= END)
    status = np.where(unshipped & online, "placed", np.where(shipped + 3 * DAY < END, "delivered", "shipped")).astype(np.object_)
    status[~online] = "delivered"
    status[cancelled] = "cancelled"

    lines = _lines(placed, customers.column("segment").values[buyer] != "household", promoted)
    goods = np.bincount(lines.order, weights=lines.net, minlength=count).astype(np.int64)
    shipping = np.where(online & (goods < 4500), 490, 0).astype(np.int64)
    ids = FIRST_ID + np.arange(count, dtype=np.int64)
    loaded = arrivals(draws, placed)
    orders = Table(
        "orders",
        "order_id",
        (
            Column("order_id", Kind.ID, ids),
            Column("customer_id", Kind.ID, people.FIRST_ID + buyer),
            Column("store_id", Kind.ID, store, online),
            Column("channel", Kind.TEXT, channel),
            Column("status", Kind.TEXT, status),
            Column("placed_at", Kind.TIME, placed),
            Column("shipped_at", Kind.TIME, shipped, unshipped),
            Column("promo_code", Kind.TEXT, code, ~promoted),
            Column("shipping_fee", Kind.MONEY, shipping),
            Column("loaded_at", Kind.TIME, loaded),
        ),
    )
    revised = draws.chance(count, 0.015) & online & (placed < END - 20 * DAY)
    return Sales(
        orders=joined(orders, _first_versions(orders, revised, loaded)),
        lines=lines.table(ids, arrivals(draws, placed[lines.order])),
        placed=placed,
        customer=people.FIRST_ID + buyer,
        country=country,
        online=online,
        cancelled=cancelled,
        order_total=goods + shipping,
        line_order=lines.order,
        line_product=lines.product,
        line_net=lines.net,
    )


def _buyers(draws: Draws, placed: Ints, signed_up: Ints) -> Ints:
    """The position of each order's customer, among those signed up by then: half of them new ones, the others the more loyal the longer they are with us."""
    known = np.maximum(np.searchsorted(signed_up, placed, side="right"), 1).astype(np.int64)
    share = draws.uniform(len(placed))
    loyal = (share * share * known).astype(np.int64)
    newest = known - 1 - (draws.uniform(len(placed)) * known * 0.08).astype(np.int64)
    return np.where(draws.chance(len(placed), 0.42), newest, loyal)


def _places(draws: Draws, placed: Ints, country: Texts) -> tuple[Texts, Ints]:
    """The channel of each order, and its store or 0: a store of the customer's country that had opened by then, else the order is made on the web."""
    count = len(placed)
    channel = draws.choice(count, {"web": 0.52, "app": 0.27, "store": 0.21})
    share = draws.uniform(count)
    store = np.zeros(count, dtype=np.int64)
    for code, branches in STORES.items():
        here = (country == code) & (channel == "store")
        chosen = (share * len(branches)).astype(np.int64)
        for number, (store_id, opened) in enumerate(branches):
            ready = placed // DAY >= epoch_day(date.fromisoformat(opened))
            store[here & (chosen == number) & ready] = store_id
    channel[(channel == "store") & (store == 0)] = "web"
    return channel, store


@dataclass(frozen=True, slots=True)
class _Lines:
    """Order lines by position: `order` is the order's, `product` the product's; amounts are in cents."""

    order: Ints
    number: Ints
    product: Ints
    quantity: Ints
    price: Ints
    discount: Ints
    net: Ints

    def table(self, order_ids: Ints, loaded: Ints) -> Table:
        return Table(
            "order_lines",
            "order_line_id",
            (
                Column("order_line_id", Kind.ID, FIRST_LINE_ID + np.arange(len(self.order), dtype=np.int64)),
                Column("order_id", Kind.ID, order_ids[self.order]),
                Column("line_number", Kind.COUNT, self.number),
                Column("product_id", Kind.ID, catalogue.FIRST_ID + self.product),
                Column("quantity", Kind.COUNT, self.quantity),
                Column("unit_price", Kind.MONEY, self.price),
                Column("discount_amount", Kind.MONEY, self.discount, self.discount == 0),
                Column("loaded_at", Kind.TIME, loaded),
            ),
        )


def _lines(placed: Ints, business: Flags, promoted: Flags) -> _Lines:
    """The lines of orders placed at those times; a business buys four times as much, a promotion gives 15% off."""
    draws = Draws("order_lines")
    per_order = draws.pick(len(placed), _LINES) + 1
    order = np.repeat(np.arange(len(placed), dtype=np.int64), per_order)
    count = len(order)
    number = np.arange(count, dtype=np.int64) - np.repeat(np.cumsum(per_order) - per_order, per_order) + 1
    day = placed[order] // DAY
    product = draws.pick(count, catalogue.WEIGHTS)
    # What was not on sale that day is replaced by one of the first eight products, which always were.
    product = np.where((catalogue.LAUNCHED[product] > day) | (catalogue.ENDED[product] < day), product % 8, product)
    quantity = np.asarray([size for size, _ in _QUANTITIES], dtype=np.int64)[draws.pick(count, [weight for _, weight in _QUANTITIES])]
    quantity = np.where(business[order], quantity * 4, quantity)
    # Prices rose by about 3% at the start of 2024 and of 2025.
    level = np.where(day < epoch_day(date(2024, 1, 1)), 94, np.where(day < epoch_day(date(2025, 1, 1)), 97, 100))
    price = catalogue.PRICES[product] * level // 100
    discount = np.where(promoted[order], quantity * price * 15 // 100, 0)
    return _Lines(order, number, product, quantity, price, discount, quantity * price - discount)


def _first_versions(orders: Table, revised: Flags, loaded: Ints) -> Table:
    """An earlier version of the marked orders, as they were when just placed, loaded before the version that counts."""
    early = orders.keep(revised)
    columns = []
    for column in early.columns:
        if column.name == "status":
            columns.append(Column(column.name, column.kind, texts(["placed"] * len(early))))
        elif column.name == "shipped_at":
            columns.append(Column(column.name, column.kind, column.values, np.ones(len(early), dtype=np.bool_)))
        elif column.name == "loaded_at":
            columns.append(Column(column.name, column.kind, np.minimum(loaded[revised], LAST_LOAD) - 2 * 3600))
        else:
            columns.append(column)
    return Table(early.name, early.key, tuple(columns))
