"""A bicycle workshop: a few rows in which everything that goes wrong with metrics can go wrong.

NULL keys, dangling keys, NULL amounts, zero denominators, duplicates, ties, a customer without orders, orders without lines, dates before 1970,
the last second of a month, a Sunday and a Monday, text beyond ASCII, decimals of three digits, and three facts of which each would repeat the others' rows if joined.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from app.model.expr import Column, Expr
from app.model.metrics import Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Ontology, SavedQuery, TimeSpine
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, NonAdditive, SemanticModel
from app.model.types import Aggregation, DataType, Grain
from app.sql.expressions.parse import parse_expression, parse_filter

D = Decimal
T, INT, N, F, B, DAY, TS = (
    DataType.TEXT,
    DataType.INTEGER,
    DataType.DECIMAL,
    DataType.FLOAT,
    DataType.BOOLEAN,
    DataType.DATE,
    DataType.TIMESTAMP,
)
SCHEMA = "workshop"


def at(text: str) -> dt.datetime:
    """A timestamp."""
    return dt.datetime.fromisoformat(text)


def on(text: str) -> dt.date:
    """A date."""
    return dt.date.fromisoformat(text)


TABLES: dict[str, tuple[tuple[tuple[str, DataType], ...], tuple[tuple[object, ...], ...]]] = {
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
    "days": (
        (("day", DAY),),
        tuple((on("2024-01-30") + dt.timedelta(days=n),) for n in range(4)),
    ),
}


def _e(text: str) -> Expr:
    return parse_expression(text, "postgres")


def _w(text: str) -> Expr:
    return parse_filter(text, "postgres")


def _cat(name: str, expr: str = "") -> Dimension:
    return Dimension(name, DimensionType.CATEGORICAL, _e(expr or name))


def _time(name: str, grain: Grain = Grain.DAY, expr: str = "") -> Dimension:
    return Dimension(name, DimensionType.TIME, _e(expr or name), grain)


def _entity(name: str, kind: EntityType, expr: str = "") -> Entity:
    return Entity(name, kind, _e(expr or f"{name}_id"))


def _measure(name: str, agg: Aggregation, expr: str, **more: object) -> Measure:
    return Measure(name, agg, _e(expr), **more)  # type: ignore[arg-type]


PRIMARY, FOREIGN, UNIQUE = EntityType.PRIMARY, EntityType.FOREIGN, EntityType.UNIQUE
A = Aggregation

SEMANTIC_MODELS = (
    SemanticModel(
        "customers",
        "dim_customers",
        (_entity("customer", PRIMARY), _entity("region", FOREIGN)),
        (_cat("country"), _cat("is_business"), _time("born_on"), _time("joined_at"), _cat("home", "coalesce(country, 'nowhere')")),
        (_measure("customers_joined", A.COUNT, "customer_id"),),
        agg_time_dimension="joined_at",
    ),
    SemanticModel(
        "lines",
        "fct_order_lines",
        (_entity("line", PRIMARY), _entity("order", FOREIGN)),
        (_cat("product"), _time("sold_on")),
        (
            _measure("line_value", A.SUM, "price * units"),
            _measure("products_sold", A.COUNT_DISTINCT, "product"),
            _measure("line_units", A.SUM, "units"),
        ),
        agg_time_dimension="sold_on",
    ),
    SemanticModel(
        "orders",
        "fct_orders",
        (_entity("order", PRIMARY), _entity("customer", FOREIGN)),
        (
            _cat("status"),
            _cat("is_gift"),
            _cat("size", "case when quantity > 1 then 'many' when quantity = 1 then 'one' end"),
            _time("ordered_at"),
            _time("shipped_on"),
            _time("ordered_hour", Grain.HOUR, "ordered_at"),
        ),
        (
            _measure("amount", A.SUM, "amount"),
            _measure("net_amount", A.SUM, "amount - coalesce(discount, 0)"),
            _measure("order_rows", A.COUNT, "order_id"),
            _measure("one", A.SUM, "1"),
            _measure("average_amount", A.AVERAGE, "amount"),
            _measure("average_quantity", A.AVERAGE, "quantity"),
            _measure("largest", A.MAX, "amount"),
            _measure("smallest", A.MIN, "amount"),
            _measure("first_order", A.MIN, "ordered_at"),
            _measure("buyers", A.COUNT_DISTINCT, "customer_id"),
            _measure("gifts", A.SUM_BOOLEAN, "is_gift"),
            _measure("units", A.SUM, "quantity"),
            _measure("median_amount", A.MEDIAN, "amount"),
            _measure("p90_amount", A.PERCENTILE, "amount", percentile=0.9),
            _measure("p75_amount", A.PERCENTILE, "amount", percentile=0.75, discrete=True),
            _measure("weight", A.SUM, "weight"),
            _measure("share_price", A.SUM, "amount / 3"),
            _measure("shipped", A.COUNT, "shipped_on", agg_time_dimension="shipped_on"),
            _measure("stock", A.SUM, "quantity", non_additive=NonAdditive("ordered_at", "max")),
        ),
        agg_time_dimension="ordered_at",
    ),
    SemanticModel(
        "refunds",
        "fct_refunds",
        (_entity("refund", PRIMARY), _entity("order", FOREIGN)),
        (_time("refunded_on"),),
        (_measure("refunded", A.SUM, "refunded"),),
        agg_time_dimension="refunded_on",
    ),
    SemanticModel("regions", "dim_regions", (_entity("region", PRIMARY),), (_cat("region_name", "region"),)),
    SemanticModel(
        "visits",
        "fct_visits",
        (_entity("visit", PRIMARY), _entity("customer", FOREIGN)),
        (_cat("channel"), _time("visited_on")),
        (
            _measure("visit_rows", A.COUNT, "visit_id"),
            _measure("visit_seconds", A.SUM, "seconds"),
        ),
        agg_time_dimension="visited_on",
    ),
)


def _simple(name: str, model: str, measure: str, where: str = "", own: str = "", fill: int | None = None, spine: bool = False) -> Metric:
    """A simple metric; `where` is the metric's filter, `own` its measure's."""
    given = MeasureInput(model, measure, _w(own) if own else None, fill, spine)
    return Metric(name, Simple(given), filter=_w(where) if where else None)


def _input(metric: str, alias: str = "", where: str = "", **more: object) -> MetricInput:
    return MetricInput(metric, alias, _w(where) if where else None, **more)  # type: ignore[arg-type]


def _derived(name: str, expr: str, *inputs: MetricInput, where: str = "") -> Metric:
    return Metric(name, Derived(_e(expr), inputs), filter=_w(where) if where else None)


def _ratio(name: str, top: MetricInput, bottom: MetricInput, where: str = "") -> Metric:
    return Metric(name, Ratio(top, bottom), filter=_w(where) if where else None)


METRICS = (
    _simple("revenue", "orders", "amount"),
    _simple("net_revenue", "orders", "net_amount"),
    _simple("orders", "orders", "order_rows"),
    _simple("order_ones", "orders", "one"),
    _simple("average_order", "orders", "average_amount"),
    _simple("average_quantity", "orders", "average_quantity"),
    _simple("largest_order", "orders", "largest"),
    _simple("smallest_order", "orders", "smallest"),
    _simple("first_order_at", "orders", "first_order"),
    _simple("buyers", "orders", "buyers"),
    _simple("gift_orders", "orders", "gifts"),
    _simple("units", "orders", "units"),
    _simple("median_order", "orders", "median_amount"),
    _simple("p90_order", "orders", "p90_amount"),
    _simple("p75_order", "orders", "p75_amount"),
    _simple("total_weight", "orders", "weight"),
    _simple("thirds", "orders", "share_price"),
    _simple("shipped_orders", "orders", "shipped"),
    _simple("stock", "orders", "stock"),
    _simple("line_value", "lines", "line_value"),
    _simple("products_sold", "lines", "products_sold"),
    _simple("line_units", "lines", "line_units"),
    _simple("visits", "visits", "visit_rows"),
    _simple("visit_seconds", "visits", "visit_seconds"),
    _simple("refunds", "refunds", "refunded"),
    _simple("refunds_or_zero", "refunds", "refunded", fill=0),
    _simple("visits_or_zero", "visits", "visit_rows", fill=0),
    _simple("visits_on_spine", "visits", "visit_rows", fill=0, spine=True),
    _simple("customers_joined", "customers", "customers_joined"),
    _simple("paid_revenue", "orders", "amount", "{{ Dimension('order__status') }} = 'paid'"),
    _simple("german_revenue", "orders", "amount", "{{ Dimension('customer__country') }} = 'DE'"),
    _simple("big_orders", "orders", "order_rows", own="{{ Dimension('order__size') }} = 'many'"),
    _simple("early_orders", "orders", "order_rows", "{{ TimeDimension('metric_time', 'month') }} <= '2024-02-01'"),
    _ratio("revenue_per_order", _input("revenue"), _input("orders")),
    _ratio("paid_share", _input("paid_revenue"), _input("revenue")),
    _ratio("refund_rate", _input("refunds"), _input("revenue")),
    _ratio("orders_per_visit", _input("orders"), _input("visits")),
    _ratio("gift_share", _input("gift_orders"), _input("orders"), where="{{ Dimension('order__status') }} = 'paid'"),
    _ratio("german_share", _input("revenue", where="{{ Dimension('customer__country') }} = 'DE'"), _input("revenue")),
    _derived("kept_revenue", "revenue - refunds_or_zero", _input("revenue"), _input("refunds_or_zero")),
    _derived("kept_share", "kept / revenue", _input("kept_revenue", "kept"), _input("revenue")),
    _derived(
        "paid_minus_open",
        "paid - unpaid",
        _input("revenue", "paid", "{{ Dimension('order__status') }} = 'paid'"),
        _input("revenue", "unpaid", "{{ Dimension('order__status') }} = 'open'"),
    ),
    _derived("unit_whole", "orders / 2 + units % 4", _input("orders"), _input("units")),
    _derived("rounded", "round(average_order, 1)", _input("average_order")),
    _derived(
        "grown", "(revenue - before) / nullif(before, 0)", _input("revenue"), _input("revenue", "before", offset_window=Window(1, "month"))
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
    (TimeSpine("days", "day", Grain.DAY),),
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
