"""Sums of what can't be added: of metrics, of rates, of stocks over time, and running totals of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find

PAID = "{{ Dimension('order__status') }} = 'paid'"


def facts(project: Any, **measures: dict[str, Any]) -> Any:
    project.model("orders", columns=("id", "status", "amount", "ordered_at", "customer_id", "discount_rate", "flat_rate"))
    project.semantic_model(
        entities=[{"name": "order", "type": "primary", "expr": "id"}, {"name": "customer", "type": "foreign", "expr": "customer_id"}],
        measures=[{"name": name, **fields} for name, fields in measures.items()],
    )
    return project


def added(project: Any, *inputs: str, expr: str = "") -> None:
    project.metric("whole", "derived", expr=expr or " + ".join(inputs), metrics=[{"name": name} for name in inputs])


def test_distinct_counts_of_one_thing(project: Any, find: Find) -> None:
    facts(project, buyers={"agg": "count_distinct", "expr": "customer_id"})
    project.metric("buyers", measure={"name": "buyers"})
    project.metric("paying", measure={"name": "buyers"}, filter=PAID)
    added(project, "buyers", "paying")
    (problem,) = find(project, "non-additive-sum")
    assert (
        problem.message
        == "metric `whole` adds distinct counts of `customer` (`buyers`, `paying`): what is in several is counted several times"
    )


def test_distinct_counts_of_two_things_can_be_added(project: Any, find: Find) -> None:
    facts(project, buyers={"agg": "count_distinct", "expr": "customer_id"}, states={"agg": "count_distinct", "expr": "status"})
    project.metric("buyers", measure={"name": "buyers"})
    project.metric("states", measure={"name": "states"})
    added(project, "buyers", "states")
    assert find(project, "non-additive-sum") == []


def test_distinct_counts_of_rows_can_be_added(project: Any, find: Find) -> None:
    facts(project, orders={"agg": "count_distinct", "expr": "id"})
    project.metric("paid", measure={"name": "orders"}, filter=PAID)
    project.metric("unpaid", measure={"name": "orders"}, filter=PAID.replace("=", "<>"))
    added(project, "paid", "unpaid")
    assert find(project, "non-additive-sum") == []


def test_differences_are_no_sums(project: Any, find: Find) -> None:
    facts(project, buyers={"agg": "count_distinct", "expr": "customer_id"})
    project.metric("buyers", measure={"name": "buyers"})
    project.metric("paying", measure={"name": "buyers"}, filter=PAID)
    added(project, "buyers", "paying", expr="buyers - paying")
    assert find(project, "non-additive-sum") == []


@pytest.mark.parametrize(("second", "wrong"), [("orders", True), ("revenue", False)])
def test_ratios_by_their_denominators(project: Any, find: Find, second: str, wrong: bool) -> None:
    project.orders().metric("a", "ratio", numerator={"name": "orders"}, denominator={"name": "revenue"})
    project.metric("b", "ratio", numerator={"name": "revenue"}, denominator={"name": second})
    added(project, "a", "b")
    assert bool(find(project, "non-additive-sum")) == wrong


@pytest.mark.parametrize(("condition", "wrong"), [(PAID, True), (None, False)])
def test_averages_by_their_rows(project: Any, find: Find, condition: str | None, wrong: bool) -> None:
    facts(project, price={"agg": "average", "expr": "amount"}, cost={"agg": "average", "expr": "discount_rate"})
    project.metric("price", measure={"name": "price"})
    project.metric("cost", measure={"name": "cost"}, **({"filter": condition} if condition else {}))
    added(project, "price", "cost", expr="2 + price + cost")
    assert bool(find(project, "non-additive-sum")) == wrong


@pytest.mark.parametrize(
    ("agg", "expr", "wrong"),
    [
        ("sum", "discount_rate", True),
        ("average", "discount_rate", False),
        ("sum", "flat_rate", False),
        ("sum", "amount * discount_rate", False),
    ],
)
def test_sums_of_rates(project: Any, find: Find, agg: str, expr: str, wrong: bool) -> None:
    facts(project, discount={"agg": agg, "expr": expr})
    assert bool(find(project, "summed-rate")) == wrong


def stock(project: Any, model: str = "accounts", *, key: bool = True, **measure: Any) -> Any:
    columns = ("account_id", "day", "balance")
    node = project.model(model, columns=columns)
    if key:
        node["constraints"] = [{"type": "primary_key", "columns": ["account_id", "day"]}]
        node["config"] |= {"contract": {"enforced": True}}
    project.semantic_model(
        "accounts",
        model,
        defaults={"agg_time_dimension": "day"},
        entities=[{"name": "account", "type": "foreign", "expr": "account_id"}],
        dimensions=[{"name": "day", "type": "time", "type_params": {"time_granularity": "day"}}],
        measures=[{"name": "balance", "agg": "sum"} | measure],
        primary_entity="account_day",
    )
    return project


def test_a_stock_by_its_key(project: Any, find: Find) -> None:
    (problem,) = find(stock(project), "summed-stock")
    assert problem.message == "measure `balance` sums a stock over time: `day` is a part of the key of `accounts`"


def test_a_stock_by_its_model(project: Any, find: Find) -> None:
    (problem,) = find(stock(project, "account_snapshots", key=False), "summed-stock")
    assert problem.message.endswith("`account_snapshots` is of snapshots by its name")


@pytest.mark.parametrize(
    "measure",
    [{"agg": "max"}, {"name": "deposits", "expr": "balance_change"}, {"non_additive_dimension": {"name": "day", "window_choice": "max"}}],
)
def test_what_is_no_summed_stock(project: Any, find: Find, measure: dict[str, Any]) -> None:
    assert find(stock(project, **measure), "summed-stock") == []


def test_a_name_alone_is_no_evidence(project: Any, find: Find) -> None:
    assert find(stock(project, key=False), "summed-stock") == []


@pytest.mark.parametrize("choice", ["max", "min", None])
def test_a_running_total_of_a_stock(project: Any, find: Find, choice: str | None) -> None:
    stock(project, **({"non_additive_dimension": {"name": "day", "window_choice": choice}} if choice else {})).spine()
    project.metric("running", "cumulative", measure={"name": "balance"})
    found = [problem.message for problem in find(project, "accumulated-stock")]
    end = {"max": "last", "min": "first"}.get(choice or "")
    assert found == (
        [f"metric `running` accumulates `balance`, of which only the {end} `day` of its window counts: it adds up nothing"] if end else []
    )
