"""The whole business at one scale: every source table, from the seeds alone."""

from __future__ import annotations

from app.adapters.demo.boxes import subscriptions
from app.adapters.demo.catalogue import products
from app.adapters.demo.money import payments, refunds
from app.adapters.demo.orders import sell
from app.adapters.demo.people import customers
from app.adapters.demo.tables import Table
from app.adapters.demo.visits import web_sessions

GENERATOR_VERSION = 2
"""Raised with every change of what is generated, so that loaded data is replaced."""

SMALLEST, LARGEST = 0.001, 100.0


def generate(scale: float) -> tuple[Table, ...]:
    """All source tables; `scale` 1 is about 200,000 order lines, and rows grow in proportion to it.

    `scale` is from SMALLEST to LARGEST; the same scale gives the same rows everywhere.
    """
    people = customers(_rows(15_000, scale))
    sales = sell(_rows(89_500, scale), people)
    contracts, events = subscriptions(_rows(5_200, scale), people)
    visits = web_sessions(_rows(80_000, scale), sales, people)
    return (people, products(), sales.orders, sales.lines, payments(sales), refunds(sales), contracts, events, visits)


def _rows(at_scale_one: int, scale: float) -> int:
    return max(20, round(at_scale_one * scale))
