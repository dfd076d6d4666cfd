"""A bicycle workshop: a few rows in which everything that goes wrong with metrics can go wrong.

NULL keys, dangling keys, NULL amounts, zero denominators, duplicates, ties, a customer without orders, orders without lines, dates before 1970,
the last second of a month, a Sunday and a Monday, text beyond ASCII, decimals of three digits, and three facts of which each would repeat the others' rows if joined.
"""

from __future__ import annotations

from app.model.expr import Column
from app.model.ontology import Ontology, SavedQuery
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.semantics import NonAdditive, SemanticModel
from app.model.types import Grain
from tests.goldens import hire, hire_metrics
from tests.goldens.notation import (
    DAY,
    FOREIGN,
    INT,
    PRIMARY,
    TS,
    A,
    B,
    D,
    F,
    N,
    T,
    Tables,
    at,
    cat,
    derived,
    entity,
    given,
    measure,
    on,
    ratio,
    simple,
    time,
    window,
)

SCHEMA = "workshop"


TABLES: Tables = {
    "dim_customers": (
        (("customer_id", INT), ("region_id", INT), ("country", T), ("is_business", B), ("born_on", DAY), ("joined_at", TS)),
        (
            (1, 10, "DE", True, on("1950-03-05"), at("2023-12-31 23:59:59")),
            (2, 10, "DE", False, None, at("2024-01-31 23:59:59")),
            (3, 20, "Österreich", None, on("1999-12-31"), at("2024-02-29 00:00:00")),
            (4, None, None, False, on("1969-12-31"), at("2024-02-29 12:00:00")),
            (5, 30, "FR", True, on("2001-01-01"), at("2024-03-01 00:00:00")),
        ),
    ),
    "dim_regions": ((("region_id", INT), ("region", T)), ((10, "centre"), (20, "south"), (30, None))),
    "fct_orders": (
        (
            ("order_id", INT),
            ("customer_id", INT),
            ("ordered_at", TS),
            ("shipped_on", DAY),
            ("status", T),
            ("amount", N),
            ("discount", N),
            ("quantity", INT),
            ("is_gift", B),
            ("weight", F),
        ),
        (
            (1, 1, at("2024-01-31 23:59:59"), on("2024-02-01"), "paid", D("10.00"), D("1.00"), 1, True, 1.5),
            (2, 1, at("2024-02-01 00:00:00"), on("2024-02-04"), "paid", D("20.50"), None, 2, False, 2.5),
            (3, 2, at("2024-02-04 12:00:00"), on("2024-02-05"), "paid", D("0.10"), D("0.00"), 3, None, 0.1),
            (4, 2, at("2024-02-05 12:00:00"), None, "open", None, D("0.30"), 0, True, None),
            (5, 3, at("2024-02-29 08:00:00"), on("2024-03-04"), "paid", D("0.20"), D("0.20"), 1, False, 0.2),
            (6, 99, at("2024-03-01 08:00:00"), None, "open", D("100.00"), None, 1, False, 3.5),
            (7, None, at("2024-03-31 23:59:59"), on("2024-04-01"), "cancelled", D("7.77"), D("7.77"), 7, None, 4.5),
            (8, 1, at("2024-03-31 23:59:59"), on("2024-04-01"), "paid", D("10.00"), D("1.00"), 1, True, 1.5),
            (9, 3, at("2023-12-31 00:00:00"), on("2024-01-02"), None, D("-5.00"), None, None, False, -1.25),
        ),
    ),
    "fct_order_lines": (
        (("line_id", INT), ("order_id", INT), ("product", T), ("price", N), ("units", INT), ("sold_on", DAY)),
        (
            (1, 1, "bell", D("2.500"), 2, on("2024-01-31")),
            (2, 1, "chain", D("5.000"), 1, on("2024-01-31")),
            (3, 2, "bell", D("2.500"), 1, on("2024-02-01")),
            (4, 2, "tyre", D("9.005"), 2, on("2024-02-01")),
            (5, 2, None, D("0.001"), 3, on("2024-02-01")),
            (6, 3, "bell", D("0.100"), 1, on("2024-02-04")),
            (7, 777, "Öl", D("1.999"), 4, on("2024-02-04")),
            (8, 5, "chain", D("0.200"), None, on("2024-02-29")),
        ),
    ),
    "fct_visits": (
        (("visit_id", INT), ("customer_id", INT), ("visited_on", DAY), ("channel", T), ("seconds", INT)),
        (
            (1, 1, on("2024-01-31"), "web", 30),
            (2, 1, on("2024-01-31"), "web", 30),
            (3, 2, on("2024-02-05"), "shop", 45),
            (4, 4, on("2024-02-06"), None, 0),
            (5, None, on("2024-02-29"), "web", None),
            (6, 5, on("2024-04-01"), "shop", 600),
            (7, 5, on("2024-04-02"), "phone", 7),
        ),
    ),
    "fct_refunds": (
        (("refund_id", INT), ("order_id", INT), ("refunded_on", DAY), ("refunded", N)),
        ((1, 1, on("2024-02-10"), D("10.00")), (2, 7, on("2024-04-02"), D("7.77")), (3, 7, on("2024-04-02"), D("0.00"))),
    ),
    **hire.TABLES,
}


_SHOP = (
    SemanticModel(
        "customers",
        "dim_customers",
        (entity("customer", PRIMARY), entity("region", FOREIGN)),
        (cat("country"), cat("is_business"), time("born_on"), time("joined_at"), cat("home", "coalesce(country, 'nowhere')")),
        (measure("customers_joined", A.COUNT, "customer_id"),),
        agg_time_dimension="joined_at",
    ),
    SemanticModel(
        "lines",
        "fct_order_lines",
        (entity("line", PRIMARY), entity("order", FOREIGN)),
        (cat("product"), time("sold_on")),
        (
            measure("line_value", A.SUM, "price * units"),
            measure("products_sold", A.COUNT_DISTINCT, "product"),
            measure("line_units", A.SUM, "units"),
        ),
        agg_time_dimension="sold_on",
    ),
    SemanticModel(
        "orders",
        "fct_orders",
        (entity("order", PRIMARY), entity("customer", FOREIGN)),
        (
            cat("status"),
            cat("is_gift"),
            cat("size", "case when quantity > 1 then 'many' when quantity = 1 then 'one' end"),
            time("ordered_at"),
            time("shipped_on"),
            time("ordered_hour", Grain.HOUR, "ordered_at"),
        ),
        (
            measure("amount", A.SUM, "amount"),
            measure("net_amount", A.SUM, "amount - coalesce(discount, 0)"),
            measure("order_rows", A.COUNT, "order_id"),
            measure("one", A.SUM, "1"),
            measure("average_amount", A.AVERAGE, "amount"),
            measure("average_quantity", A.AVERAGE, "quantity"),
            measure("largest", A.MAX, "amount"),
            measure("smallest", A.MIN, "amount"),
            measure("first_order", A.MIN, "ordered_at"),
            measure("buyers", A.COUNT_DISTINCT, "customer_id"),
            measure("gifts", A.SUM_BOOLEAN, "is_gift"),
            measure("units", A.SUM, "quantity"),
            measure("median_amount", A.MEDIAN, "amount"),
            measure("p90_amount", A.PERCENTILE, "amount", percentile=0.9),
            measure("p75_amount", A.PERCENTILE, "amount", percentile=0.75, discrete=True),
            measure("weight", A.SUM, "weight"),
            measure("share_price", A.SUM, "amount / 3"),
            measure("about_median", A.MEDIAN, "amount", approximate=True),
            measure("about_p75", A.PERCENTILE, "amount", percentile=0.75, approximate=True, discrete=True),
            measure("shipped", A.COUNT, "shipped_on", agg_time_dimension="shipped_on"),
            measure("stock", A.SUM, "quantity", non_additive=NonAdditive("ordered_at", "max")),
        ),
        agg_time_dimension="ordered_at",
    ),
    SemanticModel(
        "refunds",
        "fct_refunds",
        (entity("refund", PRIMARY), entity("order", FOREIGN)),
        (time("refunded_on"),),
        (measure("refunded", A.SUM, "refunded"),),
        agg_time_dimension="refunded_on",
    ),
    SemanticModel("regions", "dim_regions", (entity("region", PRIMARY),), (cat("region_name", "region"),)),
    SemanticModel(
        "visits",
        "fct_visits",
        (entity("visit", PRIMARY), entity("customer", FOREIGN)),
        (cat("channel"), time("visited_on")),
        (
            measure("visit_rows", A.COUNT, "visit_id"),
            measure("visit_seconds", A.SUM, "seconds"),
        ),
        agg_time_dimension="visited_on",
    ),
)


SEMANTIC_MODELS = tuple(sorted((*_SHOP, *hire.SEMANTIC_MODELS), key=lambda model: model.name))

METRICS = (
    *hire_metrics.METRICS,
    simple("revenue", "orders", "amount"),
    simple("net_revenue", "orders", "net_amount"),
    simple("orders", "orders", "order_rows"),
    simple("order_ones", "orders", "one"),
    simple("average_order", "orders", "average_amount"),
    simple("average_quantity", "orders", "average_quantity"),
    simple("largest_order", "orders", "largest"),
    simple("smallest_order", "orders", "smallest"),
    simple("first_order_at", "orders", "first_order"),
    simple("buyers", "orders", "buyers"),
    simple("gift_orders", "orders", "gifts"),
    simple("units", "orders", "units"),
    simple("median_order", "orders", "median_amount"),
    simple("p90_order", "orders", "p90_amount"),
    simple("p75_order", "orders", "p75_amount"),
    simple("total_weight", "orders", "weight"),
    simple("thirds", "orders", "share_price"),
    simple("shipped_orders", "orders", "shipped"),
    simple("stock", "orders", "stock"),
    simple("line_value", "lines", "line_value"),
    simple("products_sold", "lines", "products_sold"),
    simple("line_units", "lines", "line_units"),
    simple("visits", "visits", "visit_rows"),
    simple("visit_seconds", "visits", "visit_seconds"),
    simple("refunds", "refunds", "refunded"),
    simple("refunds_or_zero", "refunds", "refunded", fill=0),
    simple("visits_or_zero", "visits", "visit_rows", fill=0),
    simple("visits_on_spine", "visits", "visit_rows", fill=0, spine=True),
    simple("customers_joined", "customers", "customers_joined"),
    simple("paid_revenue", "orders", "amount", "{{ Dimension('order__status') }} = 'paid'"),
    simple("german_revenue", "orders", "amount", "{{ Dimension('customer__country') }} = 'DE'"),
    simple("big_orders", "orders", "order_rows", own="{{ Dimension('order__size') }} = 'many'"),
    simple("early_orders", "orders", "order_rows", "{{ TimeDimension('metric_time', 'month') }} <= '2024-02-01'"),
    ratio("revenue_per_order", given("revenue"), given("orders")),
    ratio("paid_share", given("paid_revenue"), given("revenue")),
    ratio("refund_rate", given("refunds"), given("revenue")),
    ratio("orders_per_visit", given("orders"), given("visits")),
    ratio("gift_share", given("gift_orders"), given("orders"), where="{{ Dimension('order__status') }} = 'paid'"),
    ratio("german_share", given("revenue", where="{{ Dimension('customer__country') }} = 'DE'"), given("revenue")),
    derived("kept_revenue", "revenue - refunds_or_zero", given("revenue"), given("refunds_or_zero")),
    derived("kept_share", "kept / revenue", given("kept_revenue", "kept"), given("revenue")),
    derived(
        "paid_minus_open",
        "paid - unpaid",
        given("revenue", "paid", "{{ Dimension('order__status') }} = 'paid'"),
        given("revenue", "unpaid", "{{ Dimension('order__status') }} = 'open'"),
    ),
    derived("unit_whole", "orders / 2 + units % 4", given("orders"), given("units")),
    derived("rounded", "round(average_order, 1)", given("average_order")),
    derived(
        "grown", "(revenue - before) / nullif(before, 0)", given("revenue"), given("revenue", "before", offset_window=window("1 month"))
    ),
)

SAVED = (
    SavedQuery(
        "paid_by_month",
        ("revenue", "orders"),
        ("TimeDimension('metric_time', 'month')", "Dimension('customer__country')"),
        ("{{ Dimension('order__status') }} = 'paid'",),
        ("-revenue",),
        2,
    ),
    SavedQuery(
        "growth_of_loyal_customers",
        ("paid_growth", "revenue_mtd"),
        ("TimeDimension('metric_time', 'month')",),
        ("{{ Metric('orders', group_by=['customer']) }} > 1", "{{ TimeDimension('metric_time', 'month') }} >= '2024-02-01'"),
        ("TimeDimension('metric_time', 'month').descending(True)",),
    ),
)

ONTOLOGY = Ontology(
    "workshop",
    "postgres",
    tuple(
        sorted(
            (
                Model(name, f"model.workshop.{name}", columns=tuple(ModelColumn(c, k) for c, k in columns))
                for name, (columns, _) in TABLES.items()
            ),
            key=lambda m: m.name,
        )
    ),
    SEMANTIC_MODELS,
    tuple(sorted(METRICS, key=lambda m: m.name)),
    SAVED,
    hire.SPINES,
)


def placement(engine: str) -> Placement:
    """Where either engine keeps the tables."""
    return Placement(engine, tuple((name, Relation(SCHEMA, name)) for name in sorted(TABLES)))


UNTYPED = Ontology(
    "workshop",
    "postgres",
    tuple(Model(m.name, m.unique_id) for m in ONTOLOGY.models),
    SEMANTIC_MODELS,
    ONTOLOGY.metrics,
    SAVED,
    ONTOLOGY.time_spines,
)
"""The same layer where nothing tells the types of columns."""

__all__ = ["ONTOLOGY", "SCHEMA", "TABLES", "UNTYPED", "Column", "placement"]
