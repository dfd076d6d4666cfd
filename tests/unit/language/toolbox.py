"""A tool library: tools are lent to neighbours, workshops are held. Its metrics are mostly asked for by verbs."""

from __future__ import annotations

from app.model.expr import Binary, Column, Field, Literal
from app.model.metrics import Cumulative, MeasureInput, Metric, Simple
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn
from app.model.semantics import EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType
from tests.unit.language.layers import category, key, metric, time

ONE = Literal(1, DataType.INTEGER)
VALUES = {
    "tool__tool_name": ("Belt sander", "Angle grinder"),
    "tool__maker": ("Hollin", "Brask"),
    "neighbour__street": ("Mill Lane", "Dock Road"),
    "workshop__topic": ("sharpening", "bicycles"),
}


def toolbox() -> Ontology:
    """Loans of tools to neighbours, workshops with those who came, and what was charged."""
    loans = SemanticModel(
        "loans",
        "fct_loans",
        entities=(key("loan", EntityType.PRIMARY), key("tool", EntityType.FOREIGN), key("neighbour", EntityType.FOREIGN)),
        dimensions=(
            time("lent_on"),
            category("is_overdue", label="Overdue"),
            category("desk", values=("counter", "locker")),
            category("desk_town", label="Desk town"),
        ),
        measures=(
            Measure("handouts", Aggregation.COUNT, Column("loan_id")),
            Measure("active_borrowers", Aggregation.COUNT_DISTINCT, Column("neighbour_id")),
            Measure("average_wait_days", Aggregation.AVERAGE, Column("wait")),
        ),
        agg_time_dimension="lent_on",
    )
    tools = SemanticModel(
        "tools",
        "dim_tools",
        entities=(key("tool", EntityType.PRIMARY),),
        dimensions=(category("tool_name", label="Tool"), category("maker")),
    )
    neighbours = SemanticModel(
        "neighbours",
        "dim_neighbours",
        entities=(key("neighbour", EntityType.PRIMARY),),
        dimensions=(category("street"), category("town"), time("joined_on", label="Joining date")),
        measures=(Measure("new_members", Aggregation.COUNT, ONE),),
        agg_time_dimension="joined_on",
    )
    workshops = SemanticModel(
        "workshops",
        "fct_workshops",
        entities=(key("workshop", EntityType.PRIMARY),),
        dimensions=(time("held_on"), category("topic"), category("town")),
        measures=(
            Measure("workshops_held", Aggregation.COUNT, Column("workshop_id")),
            Measure("attendance", Aggregation.SUM, Column("heads")),
            Measure("average_attendance", Aggregation.AVERAGE, Column("heads")),
        ),
        agg_time_dimension="held_on",
    )
    fees = SemanticModel(
        "fees",
        "fct_fees",
        entities=(key("fee", EntityType.PRIMARY), key("loan", EntityType.FOREIGN)),
        dimensions=(time("charged_on"),),
        measures=(Measure("fees", Aggregation.SUM, Column("amount")),),
        agg_time_dimension="charged_on",
    )
    overdue = Binary("=", Field("loan__is_overdue"), Literal(True, DataType.BOOLEAN))
    metrics = (
        metric("active_borrowers", "loans", label="Active borrowers"),
        metric("attendance", "workshops", label="Attendance"),
        metric("average_attendance", "workshops", label="Avg attendance"),
        metric("average_wait_days", "loans", label="Average wait days", unit="days"),
        metric("fees", "fees", label="Fees", unit="EUR"),
        metric("handouts", "loans", label="Tool loans"),
        Metric("handouts_ytd", Cumulative(MeasureInput("loans", "handouts"), grain_to_date="year"), label="Loans YTD"),
        metric("new_members", "neighbours", label="New members"),
        Metric("overdue_loans", Simple(MeasureInput("loans", "handouts")), label="Overdue loans", filter=overdue),
        metric("workshops_held", "workshops", label="Workshops"),
    )
    flags = (ModelColumn("is_overdue", DataType.BOOLEAN),)
    models = (
        Model("dim_neighbours", "model.box.dim_neighbours"),
        Model("dim_tools", "model.box.dim_tools"),
        Model("fct_fees", "model.box.fct_fees"),
        Model("fct_loans", "model.box.fct_loans", columns=flags),
        Model("fct_workshops", "model.box.fct_workshops"),
    )
    return Ontology("box", models=models, semantic_models=(fees, loans, neighbours, tools, workshops), metrics=metrics)
