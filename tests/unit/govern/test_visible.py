"""What a principal may know of: whatever stands on something hidden is hidden with it."""

from __future__ import annotations

from app.govern.access import access
from app.govern.visible import visible_ontology
from app.model.expr import Column, Field
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Exposure, Ontology, SavedQuery, TimeSpine
from app.model.physical import Model, ModelColumn
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, NonAdditive, SemanticModel
from app.model.types import Aggregation, Grain
from tests.unit.govern.world import ADMIN, ANALYST, equals, model

EXEMPT = ("admin",)
STAFF = Model(
    "staff",
    "model.w.staff",
    columns=(
        ModelColumn("id"),
        ModelColumn("team", accepted_values=("a", "b")),
        ModelColumn("mail", accepted_values=("x",)),
        ModelColumn("salary"),
    ),
    primary_key=("salary",),
    column_policies=(
        ColumnPolicy("pay", "staff", "salary", None, exempt_roles=EXEMPT),
        ColumnPolicy("mail", "staff", "mail", Mask(MaskKind.NULL), exempt_roles=EXEMPT),
    ),
    meta='{"secret": 1}',
)
SALES = Model(
    "sales",
    "model.w.sales",
    columns=(ModelColumn("id"), ModelColumn("region", accepted_values=("EU", "US"))),
    primary_key=("id",),
    row_policies=(RowPolicy("eu", "sales", equals("region", "EU"), exempt_roles=EXEMPT),),
)


def measure(name: str, column: str) -> Measure:
    return Measure(name, Aggregation.SUM, Column(column))


def dimension(name: str, column: str, *values: str) -> Dimension:
    return Dimension(name, DimensionType.CATEGORICAL, Column(column), values=values)


SEMANTIC = (
    SemanticModel(
        "sales",
        "sales",
        entities=(Entity("sale", EntityType.PRIMARY, Column("id")),),
        dimensions=(dimension("region", "region", "EU", "US"),),
        measures=(measure("sales", "id"),),
    ),
    SemanticModel(
        "staff",
        "staff",
        entities=(Entity("person", EntityType.PRIMARY, Column("id")), Entity("grade", EntityType.FOREIGN, Column("salary"))),
        dimensions=(dimension("mail", "mail", "x"), dimension("pay", "salary", "1"), dimension("team", "team", "a")),
        measures=(measure("heads", "id"), measure("payroll", "salary")),
    ),
    SemanticModel("unplaced", "not_in_layer", measures=(measure("n", "x"),)),
)


def simple(name: str, semantic_model: str, of: str, **changes: object) -> Metric:
    return Metric(name, Simple(MeasureInput(semantic_model, of)), **changes)


def by_metric(metric: str) -> MetricInput:
    return MetricInput(metric)


METRICS = (
    Metric("by_pay", Simple(MeasureInput("staff", "heads", filter=Field("person__pay")))),
    Metric("by_plain_pay", Simple(MeasureInput("staff", "heads")), filter=Column("pay__month", "person")),
    Metric("by_own_pay", Simple(MeasureInput("staff", "heads")), filter=Field("pay", path=("person",))),
    Metric("circle", Derived(Column("circle"), (by_metric("circle"),))),
    Metric("cost", Derived(Column("payroll"), (by_metric("heads"), by_metric("payroll")))),
    Metric("far", Ratio(by_metric("nowhere"), by_metric("heads"))),
    Metric("filtered_by_hidden_metric", Simple(MeasureInput("staff", "heads", filter=Field("payroll", kind="metric")))),
    Metric("grade_conversion", Conversion(MeasureInput("sales", "sales"), MeasureInput("staff", "heads"), "grade")),
    simple("heads", "staff", "heads"),
    Metric("heads_so_far", Cumulative(MeasureInput("staff", "heads"))),
    Metric("heads_twice", Derived(Column("heads"), (by_metric("heads"),))),
    simple("payroll", "staff", "payroll"),
    Metric("per_head", Ratio(by_metric("payroll"), by_metric("heads"))),
    Metric("person_conversion", Conversion(MeasureInput("sales", "sales"), MeasureInput("staff", "heads"), "person")),
    simple("sales", "sales", "sales"),
    Metric("sales_of_team", Simple(MeasureInput("sales", "sales")), filter=Field("person__team")),
)
ONTOLOGY = Ontology(
    "w",
    models=(SALES, STAFF),
    semantic_models=SEMANTIC,
    metrics=METRICS,
    saved_queries=(
        SavedQuery("a", ("heads",), ("Dimension('person__team')",)),
        SavedQuery("b", ("heads",), ("Dimension('person__pay')",)),
        SavedQuery("c", ("payroll",)),
    ),
    time_spines=(TimeSpine("sales", "id", Grain.DAY), TimeSpine("vault", "id", Grain.DAY)),
    exposures=(
        Exposure("board", "dashboard", depends_on=("model.w.sales", "metric.w.sales")),
        Exposure("pay", "dashboard", depends_on=("metric.w.payroll",)),
    ),
)


def seen(who=ANALYST) -> Ontology:
    return visible_ontology(ONTOLOGY, access(who, ONTOLOGY))


def test_metrics_over_what_is_hidden_are_hidden() -> None:
    assert [metric.name for metric in seen().metrics] == [
        "heads",
        "heads_so_far",
        "heads_twice",
        "person_conversion",
        "sales",
        "sales_of_team",
    ]


def test_an_admin_whom_policies_exempt_sees_all_but_what_is_broken() -> None:
    assert {metric.name for metric in METRICS} - {metric.name for metric in seen(ADMIN).metrics} == {"circle", "far"}
    assert seen(ADMIN).model("staff").primary_key == ("salary",)
    assert len(seen(ADMIN).saved_queries) == 3


def test_columns_dimensions_entities_and_measures_over_what_is_hidden_are_hidden() -> None:
    assert [column.name for column in seen().model("staff").columns] == ["id", "team", "mail"]
    staff = seen().semantic_model("staff")
    assert [one.name for one in staff.dimensions] == ["mail", "team"]
    assert [one.name for one in staff.entities] == ["person"]
    assert [one.name for one in staff.measures] == ["heads"]
    assert seen().model("staff").primary_key == ()


def test_values_that_policy_hides_are_in_no_list_of_values() -> None:
    staff, sales = seen().model("staff"), seen().model("sales")
    assert [column.accepted_values for column in staff.columns] == [(), ("a", "b"), ()]
    assert [column.accepted_values for column in sales.columns] == [(), ()]
    assert [one.values for one in seen().semantic_model("staff").dimensions] == [(), ("a",)]
    assert [one.values for one in seen().semantic_model("sales").dimensions] == [()]


def test_policies_and_notes_are_left_out() -> None:
    for one in seen().models:
        assert (one.row_policies, one.column_policies, one.meta) == ((), (), "{}")


def test_saved_queries_spines_and_exposures_follow() -> None:
    assert [one.name for one in seen().saved_queries] == ["a"]
    assert [one.model for one in seen().time_spines] == ["sales"]
    assert [one.name for one in seen().exposures] == ["board"]


def test_models_that_may_not_be_read_are_gone_with_all_that_stands_on_them() -> None:
    closed = Ontology("w", models=(SALES, model("open", "id")), semantic_models=SEMANTIC[:1], metrics=METRICS, default_access="deny")
    view = visible_ontology(closed, access(ANALYST, closed))
    assert [one.name for one in view.models] == ["sales"]
    dropped = Ontology("w", models=(model("sales", "id"),), semantic_models=SEMANTIC[:1], metrics=(METRICS[-2],), default_access="deny")
    assert visible_ontology(dropped, access(ANALYST, dropped)).metrics == ()


def test_what_only_a_metric_of_time_or_a_conversion_names_is_not_told_either() -> None:
    """Each of these would show in a formula, a hint or a Problem that a column or dimension is there."""
    day = Dimension("pay_day", DimensionType.TIME, Column("salary"), Grain.DAY)
    team = Dimension("team", DimensionType.CATEGORICAL, Column("team"))

    def balance(name: str, dimension: str, *groups: str) -> Measure:
        return Measure(name, Aggregation.SUM, Column("id"), non_additive=NonAdditive(dimension, "max", groups))

    staff = SemanticModel(
        "staff",
        "staff",
        entities=(Entity("person", EntityType.PRIMARY, Column("id")), Entity("grade", EntityType.FOREIGN, Column("salary"))),
        dimensions=(day, team),
        measures=(balance("at_pay_day", "pay_day"), balance("by_grade", "team", "grade"), balance("by_person", "team", "person")),
    )
    heads = MeasureInput("staff", "by_person")

    def conversion(mine: str, other: str) -> Conversion:
        return Conversion(heads, heads, "person", constant_properties=((mine, other),))

    def filtered(*items: str) -> Simple:
        return Simple(MeasureInput("staff", "by_person", filter=Field("seen", kind="metric", group_by=items)))

    metrics = (
        Metric("at_pay_day", Simple(MeasureInput("staff", "at_pay_day"))),
        Metric("by_grade", Simple(MeasureInput("staff", "by_grade"))),
        Metric("seen", Simple(heads)),
        Metric("linked", conversion("team", "team")),
        Metric("linked_by_pay", conversion("team", "pay_day")),
        Metric("linked_by_far_pay", conversion("person__pay_day", "team")),
        Metric("filtered", filtered("person", "person__team")),
        Metric("filtered_by_grade", filtered("person", "grade")),
        Metric("filtered_by_pay", filtered("person__pay_day__month")),
    )
    spines = (
        TimeSpine("staff", "salary", Grain.DAY),
        TimeSpine("staff", "id", Grain.MONTH, (("pay", "salary"), ("salary", ""), ("team", ""))),
    )
    ontology = Ontology("w", models=(STAFF,), semantic_models=(staff,), metrics=metrics, time_spines=spines)
    view = visible_ontology(ontology, access(ANALYST, ontology))
    assert [metric.name for metric in view.metrics] == ["seen", "linked", "filtered"]
    assert [spine.custom for spine in view.time_spines] == [(("team", ""),)]
    assert len(visible_ontology(ontology, access(ADMIN, ontology)).metrics) == len(metrics)
