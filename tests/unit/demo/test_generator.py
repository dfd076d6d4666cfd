"""The generated business: deterministic, whole, and alive with the troubles that real data has."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from app.adapters.demo import boxes, places
from app.adapters.demo.business import generate
from app.adapters.demo.people import luhn
from app.adapters.demo.period import DAY, END, LAST_LOAD, START
from app.adapters.demo.tables import Table

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
GOLDEN = "9c8cb6d2142bbb67d12b6b376ffc285ae53315b3b7276f60e15bcdd66723c6f6"


@pytest.fixture(scope="module")
def business() -> dict[str, Table]:
    return {table.name: table for table in generate(0.1)}


def _digest(tables: tuple[Table, ...]) -> str:
    digest = hashlib.sha256()
    for table in tables:
        for column in table.columns:
            digest.update(f"{table.name}.{column.name}:{column.kind}".encode())
            digest.update(repr(column.values.tolist()).encode())
            digest.update(b"" if column.missing is None else column.missing.tobytes())
    return digest.hexdigest()


def test_the_same_scale_gives_the_same_rows_on_every_machine() -> None:
    """When this fails after a wanted change of the data, raise GENERATOR_VERSION and put the new digest here."""
    assert _digest(generate(0.01)) == GOLDEN


def test_scale_one_has_about_200_000_order_lines() -> None:
    rows = {table.name: len(table) for table in generate(1)}
    assert 195_000 < rows["order_lines"] < 205_000
    assert rows["customers"] == 15_000


@pytest.mark.parametrize(
    ("child", "column", "parent", "key"),
    [
        ("orders", "customer_id", "customers", "customer_id"),
        ("order_lines", "order_id", "orders", "order_id"),
        ("order_lines", "product_id", "products", "product_id"),
        ("payments", "order_id", "orders", "order_id"),
        ("refunds", "order_line_id", "order_lines", "order_line_id"),
        ("subscriptions", "customer_id", "customers", "customer_id"),
        ("subscription_events", "subscription_id", "subscriptions", "subscription_id"),
        ("web_sessions", "customer_id", "customers", "customer_id"),
    ],
)
def test_every_reference_is_met(business: dict[str, Table], child: str, column: str, parent: str, key: str) -> None:
    assert set(business[child].column(column).values.tolist()) <= set(business[parent].column(key).values.tolist())


def test_keys_are_unique_but_for_orders_that_came_again(business: dict[str, Table]) -> None:
    for table in business.values():
        keys = table.column(table.key).values
        repeated = len(keys) - len(np.unique(keys))
        assert (repeated > 0) == (table.name == "orders")
    orders = business["orders"]
    versions = list(zip(orders.column("order_id").values.tolist(), orders.column("loaded_at").values.tolist(), strict=True))
    assert len(set(versions)) == len(versions), "two versions of an order loaded at one time could not be told apart"


def test_facts_lie_in_the_period_and_arrive_after_they_happened_some_late(business: dict[str, Table]) -> None:
    for name, column in (("orders", "placed_at"), ("payments", "paid_at"), ("refunds", "refunded_at"), ("web_sessions", "started_at")):
        happened, loaded = business[name].column(column).values, business[name].column("loaded_at").values
        assert happened.min() >= START
        assert happened.max() < END
        assert (loaded > happened).all()
        assert loaded.max() <= LAST_LOAD
        assert 0 < (loaded - happened > 2 * DAY).mean() < 0.1, name


def test_nobody_buys_before_signing_up_or_what_is_not_on_sale(business: dict[str, Table]) -> None:
    people, orders, lines = business["customers"], business["orders"], business["order_lines"]
    signed_up = dict(zip(people.column("customer_id").values.tolist(), people.column("signed_up_at").values.tolist(), strict=True))
    placed = dict(zip(orders.column("order_id").values.tolist(), orders.column("placed_at").values.tolist(), strict=True))
    buyers = zip(orders.column("customer_id").values.tolist(), orders.column("placed_at").values.tolist(), strict=True)
    assert all(signed_up[buyer] <= when for buyer, when in buyers)
    products = business["products"]
    ended = np.where(products.column("discontinued_on").missing, 10**6, products.column("discontinued_on").values).tolist()
    sold = dict(
        zip(
            products.column("product_id").values.tolist(),
            zip(products.column("launched_on").values.tolist(), ended, strict=True),
            strict=True,
        )
    )
    for order, product in zip(lines.column("order_id").values.tolist(), lines.column("product_id").values.tolist(), strict=True):
        first, last = sold[product]
        assert first <= placed[order] // DAY <= last


def test_december_is_busier_than_summer_and_the_business_grows(business: dict[str, Table]) -> None:
    placed = business["orders"].column("placed_at").values.astype("datetime64[s]")
    months = dict(zip(*(part.tolist() for part in np.unique(placed.astype("datetime64[M]").astype(str), return_counts=True)), strict=True))
    assert months["2025-12"] > 1.3 * months["2025-08"]
    assert months["2026-05"] > 1.2 * months["2024-05"]


def test_personal_data_is_well_formed_fictional_and_not_plain_ascii(business: dict[str, Table]) -> None:
    people = business["customers"]
    emails = people.column("email").values.tolist()
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d+@(example\.(com|org|net)|\w+\.example)", email.lower()) for email in emails)
    assert len({email.lower() for email in emails}) == len(emails)
    assert any(email != email.lower() for email in emails), "some addresses are typed in capitals"
    assert any(not name.isascii() for name in people.column("full_name").values)
    for phone in people.column("phone").values:
        assert re.fullmatch(r"\+46 70 174 06 \d{2}|\+49 171 39200\d{2}|\+44 7700 900\d{3}|\+1 202 555 01\d{2}", phone)
    for number in people.column("national_id").values:
        digits, check = re.fullmatch(r"[A-Z]{2}-X(\d{8})-(\d)", number).groups()  # type: ignore[union-attr]
        assert luhn(digits) == int(check)
    assert luhn("7992739871") == 3


def test_optional_values_are_sometimes_missing(business: dict[str, Table]) -> None:
    for name, column in (
        ("customers", "phone"),
        ("customers", "date_of_birth"),
        ("orders", "promo_code"),
        ("refunds", "reason"),
        ("web_sessions", "customer_id"),
    ):
        missing = business[name].column(column).missing
        assert missing is not None
        assert 0.05 < missing.mean() < 0.95


def test_payments_are_what_the_order_cost(business: dict[str, Table]) -> None:
    orders, lines, payments = business["orders"], business["order_lines"], business["payments"]
    owed = dict(zip(orders.column("order_id").values.tolist(), orders.column("shipping_fee").values.tolist(), strict=True))
    cancelled = set(orders.column("order_id").values[orders.column("status").values == "cancelled"].tolist())
    discount = np.where(lines.column("discount_amount").missing, 0, lines.column("discount_amount").values)
    net = lines.column("quantity").values * lines.column("unit_price").values - discount
    for order, amount in zip(lines.column("order_id").values.tolist(), net.tolist(), strict=True):
        owed[order] += amount
    paid = dict.fromkeys(owed, 0)
    for order, amount in zip(payments.column("order_id").values.tolist(), payments.column("amount").values.tolist(), strict=True):
        paid[order] += amount
    assert paid == {order: 0 if order in cancelled else amount for order, amount in owed.items()}


def test_the_last_event_of_a_cancelled_subscription_is_its_cancellation(business: dict[str, Table]) -> None:
    events = business["subscription_events"]
    rows = zip(
        *(events.column(name).values.tolist() for name in ("subscription_id", "event_type", "monthly_amount", "occurred_at")), strict=True
    )
    history: dict[int, list[tuple[str, int, int]]] = {}
    for subscription, kind, amount, when in rows:
        history.setdefault(subscription, []).append((kind, amount, when))
    for happened in history.values():
        kinds = [kind for kind, _, _ in happened]
        times = [when for _, _, when in happened]
        assert kinds[0] == "started"
        assert "cancelled" not in kinds[:-1]
        assert times == sorted(set(times))
        assert all((amount == 0) == (kind in ("paused", "cancelled")) for kind, amount, _ in happened)
        assert all(kinds[number - 1] == "paused" for number, kind in enumerate(kinds) if kind == "resumed")


def test_the_seeds_of_the_dbt_project_say_the_same() -> None:
    with (SEEDS / "stores.csv").open(encoding="utf-8") as file:
        stores = {(row["country_code"], int(row["store_id"]), row["opened_on"]) for row in csv.DictReader(file)}
    assert stores == {(code, number, opened) for code, branches in places.STORES.items() for number, opened in branches}
    with (SEEDS / "plans.csv").open(encoding="utf-8") as file:
        plans = {(row["plan_code"], round(float(row["monthly_price"]) * 100)) for row in csv.DictReader(file)}
    assert plans == {(code, price) for code, price, _ in boxes.PLANS}
    with (SEEDS / "countries.csv").open(encoding="utf-8") as file:
        assert {row["country_code"] for row in csv.DictReader(file)} == {country.code for country in places.COUNTRIES}
