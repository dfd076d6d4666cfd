"""What is derived for a project without a semantic layer, asked on both engines: the numbers are SQL's own, and policies hold."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.principal import Role
from app.service.ask import ask
from app.service.deps import Deps
from app.service.query import query
from app.service.request import QueryRequest
from tests.engines.test_demo_metrics import ENGINES, sorted_rows, written
from tests.support.demo import Demo

CASES = {
    "a model": (
        ["fct_orders_count"],
        [],
        "",
        "SELECT COUNT(*) FROM marts.fct_orders",
    ),
    "a dimension of its own": (
        ["fct_orders_count"],
        ["order__order_status", "order__is_first_order"],
        "",
        "SELECT order_status, is_first_order, COUNT(*) FROM marts.fct_orders GROUP BY order_status, is_first_order",
    ),
    "a join along a relationships test": (
        ["fct_orders_count"],
        ["customer__country"],
        "",
        "SELECT c.country, COUNT(*) FROM marts.fct_orders AS o LEFT JOIN marts.dim_customers AS c ON o.customer_id = c.customer_id GROUP BY c.country",
    ),
    "two joins": (
        ["fct_order_lines_count"],
        ["order__customer__region"],
        "",
        "SELECT c.region, COUNT(*) FROM marts.fct_order_lines AS l LEFT JOIN marts.fct_orders AS o ON l.order_id = o.order_id"
        " LEFT JOIN marts.dim_customers AS c ON o.customer_id = c.customer_id GROUP BY c.region",
    ),
    "an empty key keeps its rows": (
        ["fct_orders_count"],
        ["store__store_city"],
        "",
        "SELECT s.store_city, COUNT(*) FROM marts.fct_orders AS o LEFT JOIN marts.dim_stores AS s ON o.store_id = s.store_id GROUP BY s.store_city",
    ),
    "metric_time": (
        ["fct_orders_count"],
        ["metric_time__month"],
        "{{ Dimension('order__sales_channel') }} = 'web'",
        "SELECT CAST(date_trunc('month', ordered_at) AS date), COUNT(*) FROM marts.fct_orders WHERE sales_channel = 'web'"
        " GROUP BY CAST(date_trunc('month', ordered_at) AS date)",
    ),
    "a time of another name": (
        ["fct_orders_count"],
        ["order__shipped_at__year"],
        "{{ Dimension('order__shipped_at') }} IS NOT NULL",
        "SELECT CAST(date_trunc('year', shipped_at) AS date), COUNT(*) FROM marts.fct_orders WHERE shipped_at IS NOT NULL"
        " GROUP BY CAST(date_trunc('year', shipped_at) AS date)",
    ),
    "metrics of two models": (
        ["fct_orders_count", "fct_web_sessions_count"],
        ["customer__customer_segment"],
        "",
        "SELECT coalesce(a.s, b.s), a.n, b.n FROM (SELECT c.customer_segment AS s, COUNT(*) AS n FROM marts.fct_orders AS o"
        " LEFT JOIN marts.dim_customers AS c ON o.customer_id = c.customer_id GROUP BY c.customer_segment) AS a"
        " FULL JOIN (SELECT c.customer_segment AS s, COUNT(*) AS n FROM marts.fct_web_sessions AS o"
        " LEFT JOIN marts.dim_customers AS c ON o.customer_id = c.customer_id GROUP BY c.customer_segment) AS b"
        " ON coalesce(a.s, 'nobody') = coalesce(b.s, 'nobody')",
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("title", CASES)
def test_the_rows_equal_sql(bare: Deps, demo: Demo, title: str, engine: str) -> None:
    metrics, group_by, where, sql = CASES[title]
    request = QueryRequest(tuple(metrics), tuple(group_by), (where,) if where else ())
    answer = query(bare, demo.caller(), request, source=engine).answer
    assert answer is not None
    assert answer.result is not None
    wanted = sorted_rows(written(demo, engine, {"sql": sql}))
    assert sorted_rows(list(answer.result.rows())) == wanted
    assert any(row[-1] for row in wanted)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_count_is_the_number_of_rows(bare: Deps, demo: Demo, engine: str) -> None:
    served = bare.serving.view(demo.caller().principal)
    ontology = served.layer.ontology
    assert {metric.name for metric in ontology.metrics} >= {"dim_customers_count", "fct_orders_count", "fct_web_sessions_count"}
    assert all(metric.derived for metric in ontology.metrics)
    relations = dict(served.layer.placement(engine).relations)  # type: ignore[union-attr]
    for semantic_model in ontology.semantic_models:
        (measure,) = semantic_model.measures
        answer = query(bare, demo.caller(), QueryRequest((measure.name,)), source=engine).answer
        relation = relations[semantic_model.model]
        counted = written(demo, engine, {"sql": f"SELECT COUNT(*) FROM {relation.schema}.{relation.name}"})
        assert answer is not None
        assert answer.result is not None
        assert list(answer.result.rows()) == counted, semantic_model.name


@pytest.mark.parametrize("engine", ENGINES)
def test_policies_hold(bare: Deps, demo: Demo, engine: str) -> None:
    """An analyst sees the rows of her region, masked addresses, and no denied column: as with a semantic layer."""
    analyst = demo.caller(Role.ANALYST, region="DACH")
    counted = written(demo, engine, {"sql": "SELECT COUNT(*) FROM marts.fct_orders WHERE region = 'DACH'"})
    answer = query(bare, analyst, QueryRequest(("fct_orders_count",)), source=engine).answer
    assert answer is not None
    assert answer.result is not None
    assert list(answer.result.rows()) == counted
    answer = query(bare, analyst, QueryRequest((), ("customer__email",), limit=20), source=engine).answer
    assert answer is not None
    assert answer.result is not None
    assert all("***@***" in str(value) for (value,) in answer.result.rows())
    with pytest.raises(UserError):
        query(bare, analyst, QueryRequest((), ("customer__national_id",)), source=engine)


@pytest.mark.parametrize(
    ("question", "metrics", "group_by"),
    [
        ("How many orders by country?", ("fct_orders_count",), ["customer__country"]),
        ("how many order lines are there", ("fct_order_lines_count",), []),
        ("number of customers per region", ("dim_customers_count",), ["customer__region"]),
    ],
)
def test_questions_in_words(bare: Deps, demo: Demo, question: str, metrics: tuple[str, ...], group_by: list[str]) -> None:
    answer = ask(bare, demo.caller(), question).answer
    assert answer is not None
    assert answer.query is not None, answer.text
    assert (answer.query.metrics, [item.name for item in answer.query.group_by]) == (metrics, group_by)
    assert answer.result is not None
