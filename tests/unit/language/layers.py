"""Small ontologies made by hand: a shop, and a hospital with another vocabulary."""

from __future__ import annotations

from app.model.expr import Binary, Column, Field, Literal
from app.model.metrics import MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType, Grain


def category(name: str, **more: object) -> Dimension:
    return Dimension(name, DimensionType.CATEGORICAL, Column(name), **more)  # type: ignore[arg-type]


def time(name: str, **more: object) -> Dimension:
    return Dimension(name, DimensionType.TIME, Column(name), grain=Grain.DAY, **more)  # type: ignore[arg-type]


def key(name: str, type_: EntityType) -> Entity:
    return Entity(name, type_, Column(f"{name}_id"))


def metric(name: str, model: str, **more: object) -> Metric:
    return Metric(name, Simple(MeasureInput(model, name)), **more)  # type: ignore[arg-type]


def shop() -> Ontology:
    """Orders with lines, customers and products."""
    orders = SemanticModel(
        "orders",
        "fct_orders",
        entities=(key("customer", EntityType.FOREIGN), key("order", EntityType.PRIMARY)),
        dimensions=(
            time("delivered_at"),
            category("is_food_order"),
            time("ordered_at"),
            category("sales_channel", values=("web", "store", "phone")),
            category("status", values=("completed", "cancelled", "returned")),
        ),
        measures=(
            Measure("average_order_value", Aggregation.AVERAGE, Column("amount")),
            Measure("orders", Aggregation.COUNT, Literal(1, DataType.INTEGER)),
            Measure("gross_revenue", Aggregation.SUM, Column("amount")),
            Measure("revenue", Aggregation.SUM, Column("net_amount")),
            Measure("refunds", Aggregation.SUM, Column("refunded")),
            Measure("delivery_days", Aggregation.AVERAGE, Column("days")),
        ),
        agg_time_dimension="ordered_at",
        description="One row per order.",
        file="models/orders.yml",
    )
    lines = SemanticModel(
        "order_lines",
        "fct_order_lines",
        entities=(key("line", EntityType.PRIMARY), key("order", EntityType.FOREIGN), key("product", EntityType.FOREIGN)),
        dimensions=(time("sold_at"),),
        measures=(Measure("units_sold", Aggregation.SUM, Column("quantity")), Measure("line_revenue", Aggregation.SUM, Column("net"))),
        agg_time_dimension="sold_at",
    )
    customers = SemanticModel(
        "customers",
        "dim_customers",
        entities=(key("customer", EntityType.PRIMARY),),
        dimensions=(
            category("country"),
            category("customer_name", pii="name"),
            category("segment", values=("consumer", "business"), synonyms=("customer group",)),
            time("signed_up_at"),
            category("city"),
        ),
        measures=(Measure("customers", Aggregation.COUNT_DISTINCT, Column("customer_id")),),
        agg_time_dimension="signed_up_at",
    )
    products = SemanticModel(
        "products",
        "dim_products",
        entities=(key("product", EntityType.PRIMARY),),
        dimensions=(
            category("product_name"),
            category("product_category", values=("shoes", "bags"), label="Product category"),
            category("status", values=("active", "returned")),
        ),
    )
    models = (
        Model("fct_orders", "model.shop.fct_orders", columns=(ModelColumn("is_food_order", DataType.BOOLEAN),)),
        Model("fct_order_lines", "model.shop.fct_order_lines"),
        Model("dim_customers", "model.shop.dim_customers"),
        Model("dim_products", "model.shop.dim_products"),
    )
    metrics = (
        metric("average_order_value", "orders", label="Average order value", unit="EUR", synonyms=("AOV",)),
        metric("customers", "customers"),
        metric("delivery_days", "orders", label="Delivery time", unit="days"),
        metric("line_revenue", "order_lines", label="Product revenue", unit="EUR"),
        metric("orders", "orders", description="Number of orders placed."),
        Metric(
            "refund_rate",
            Ratio(MetricInput("refunds"), MetricInput("revenue")),
            label="Refund rate",
            format="percent",
            owner="finance",
            file="models/metrics.yml",
        ),
        metric("refunds", "orders", label="Refunds", unit="EUR"),
        metric("gross_revenue", "orders", label="Gross revenue", unit="EUR"),
        metric(
            "revenue",
            "orders",
            label="Revenue",
            unit="EUR",
            synonyms=("sales", "turnover"),
            filter=Binary("=", Field("order__status"), Literal("completed", DataType.TEXT)),
        ),
        metric("units_sold", "order_lines", label="Units sold"),
    )
    return Ontology(
        "shop", models=models, semantic_models=(customers, lines, orders, products), metrics=tuple(sorted(metrics, key=lambda m: m.name))
    )


def hospital() -> Ontology:
    """Stays in wards, with patients; cryptic columns under good labels."""
    stays = SemanticModel(
        "stays",
        "f_stay",
        entities=(key("patient", EntityType.FOREIGN), key("stay", EntityType.PRIMARY), key("ward", EntityType.FOREIGN)),
        dimensions=(
            time("adm_dt", label="Admission date"),
            time("dis_dt", label="Discharge date"),
            category("adm_typ", label="Admission type", values=("emergency", "planned")),
            category("is_icu", label="Intensive care"),
        ),
        measures=(
            Measure("adm_cnt", Aggregation.COUNT, Literal(1, DataType.INTEGER)),
            Measure("los", Aggregation.AVERAGE, Column("los_days")),
            Measure("readm", Aggregation.SUM, Column("readm")),
        ),
        agg_time_dimension="adm_dt",
    )
    wards = SemanticModel(
        "wards",
        "d_ward",
        entities=(key("ward", EntityType.PRIMARY),),
        dimensions=(
            category("ward_name"),
            category("spec", label="Specialty", synonyms=("department",), values=("cardiology", "oncology")),
        ),
    )
    patients = SemanticModel(
        "patients",
        "d_pat",
        entities=(key("patient", EntityType.PRIMARY),),
        dimensions=(category("sex", values=("female", "male")), category("age_grp", label="Age group", values=("0-17", "18-64", "65+"))),
    )
    metrics = (
        metric("adm_cnt", "stays", label="Admissions"),
        metric("los", "stays", label="Length of stay", unit="days"),
        metric("readm", "stays", label="Readmissions"),
        Metric("readm_rt", Ratio(MetricInput("readm"), MetricInput("adm_cnt")), label="Readmission rate", unit="ratio"),
    )
    return Ontology("hospital", semantic_models=(patients, stays, wards), metrics=metrics)
