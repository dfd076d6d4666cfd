"""No number stands on masked values: which metric queries are refused to whom, and that the others are not."""

from __future__ import annotations

from contextlib import nullcontext

import msgspec
import pytest

from app.errors import UserError
from app.govern.access import access
from app.govern.masked import check_masked
from app.govern.visible import visible_ontology
from app.model.expr import Binary, Cast, Column, Expr, Field, Literal
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Ontology, TimeSpine
from app.model.physical import Model, ModelColumn
from app.model.policy import ColumnPolicy, Mask, MaskKind
from app.model.principal import Principal, Role
from app.model.query import GroupBy, OrderBy, SemanticQuery
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, NonAdditive, SemanticModel
from app.model.types import Aggregation, DataType, Grain
from app.plan.build import build
from app.sql.expressions.parse import parse_where
from app.sql.joins import JoinGraph

FIXED, HASH, NULL, PARTIAL, REDACT = (
    Mask(kind) for kind in (MaskKind.FIXED, MaskKind.HASH, MaskKind.NULL, MaskKind.PARTIAL, MaskKind.REDACT)
)
COLUMNS = {
    "people": ("person_id", "name", "country", "joined_on"),
    "visits": ("visit_id", "person_id", "page", "seen_on", "stay", "device"),
    "buys": ("buy_id", "person_id", "page", "bought_on", "amount"),
}
DATES = {"joined_on", "seen_on", "bought_on", "day"}
TYPES = {**dict.fromkeys(DATES, DataType.DATE), "amount": DataType.DECIMAL}


def time(name: str) -> Dimension:
    return Dimension(name, DimensionType.TIME, Column(name), Grain.DAY)


def category(name: str) -> Dimension:
    return Dimension(name, DimensionType.CATEGORICAL, Column(name))


def key(name: str, kind: EntityType) -> Entity:
    return Entity(name, kind, Column(f"{name}_id"))


MODELS = (
    SemanticModel(
        "buys", "buys", (key("buy", EntityType.PRIMARY), key("person", EntityType.FOREIGN)), (time("bought_on"), category("page"))
    ),
    SemanticModel("people", "people", (key("person", EntityType.PRIMARY),), (category("name"), category("country"), time("joined_on"))),
    SemanticModel(
        "visits",
        "visits",
        (key("visit", EntityType.PRIMARY), key("person", EntityType.FOREIGN)),
        (time("seen_on"), category("page"), category("device")),
    ),
)
MEASURES = {
    "buys": (Measure("amount", Aggregation.SUM, Column("amount")), Measure("buyers", Aggregation.COUNT_DISTINCT, Column("person_id"))),
    "people": (Measure("people", Aggregation.COUNT, Column("person_id")),),
    "visits": (
        Measure("visits", Aggregation.COUNT, Column("visit_id")),
        Measure("visitors", Aggregation.COUNT_DISTINCT, Column("person_id")),
        Measure("known", Aggregation.COUNT, Column("person_id")),
        Measure("casts", Aggregation.COUNT, Cast(Column("person_id"), DataType.TEXT)),
        Measure("last_stay", Aggregation.SUM, Column("stay"), non_additive=NonAdditive("seen_on", "max", ("person",))),
    ),
}
SEMANTIC = tuple(
    msgspec.structs.replace(
        m, measures=MEASURES[m.name], agg_time_dimension={"buys": "bought_on", "people": "joined_on", "visits": "seen_on"}[m.name]
    )
    for m in MODELS
)
PHONES = Binary("=", Field("visit__device"), Literal("phone", DataType.TEXT))


def simple(name: str, model: str, measure: str = "", **more: Expr) -> Metric:
    return Metric(name, Simple(MeasureInput(model, measure or name)), **more)  # type: ignore[arg-type]


METRICS = tuple(
    sorted(
        (
            simple("amount", "buys"),
            simple("buyers", "buys"),
            simple("visits", "visits"),
            simple("visitors", "visits"),
            simple("known", "visits"),
            simple("casts", "visits"),
            simple("last_stay", "visits"),
            simple("phone_visits", "visits", "visits", filter=PHONES),
            Metric("phone_input", Simple(MeasureInput("visits", "visits", filter=PHONES))),
            Metric("week_to_date", Cumulative(MeasureInput("visits", "visits"), grain_to_date="retail_week")),
            Metric("rolling", Cumulative(MeasureInput("visits", "visits"), Window(7, "day"))),
            Metric("phone_share", Ratio(MetricInput("visits", filter=PHONES), MetricInput("visits"))),
            Metric(
                "more",
                Derived(Binary("-", Column("visits"), Column("phones")), (MetricInput("visits"), MetricInput("phone_visits", "phones"))),
            ),
            Metric(
                "converted", Conversion(MeasureInput("visits", "visits"), MeasureInput("buys", "buyers"), "person", window=Window(7, "day"))
            ),
            Metric(
                "same_page",
                Conversion(
                    MeasureInput("visits", "visits"), MeasureInput("buys", "amount"), "person", constant_properties=(("page", "page"),)
                ),
            ),
            simple(
                "of_buyers",
                "visits",
                "visits",
                filter=Binary(">", Field("amount", "metric", group_by=("person",)), Literal(5, DataType.INTEGER)),
            ),
        ),
        key=lambda m: m.name,
    )
)
ANALYST = Principal("usr_1", "a@example.com", Role.ANALYST, "default")
BY_COUNTRY, BY_NAME = (GroupBy("person__country"),), (GroupBy("person__name"),)
BY_DAY = (GroupBy("metric_time", "day"),)


def layer(masks: dict[str, Mask]) -> Ontology:
    """The layer whose columns `model.column` are masked for everybody."""
    models = []
    for name, columns in (*COLUMNS.items(), ("days", ("day", "retail_week"))):
        policies = tuple(
            ColumnPolicy(f"{name}_{column}", name, column, masks[f"{name}.{column}"]) for column in columns if f"{name}.{column}" in masks
        )
        kinds = tuple(ModelColumn(column, TYPES.get(column, DataType.TEXT)) for column in columns)
        models.append(Model(name, f"model.x.{name}", columns=kinds, column_policies=policies))
    return Ontology(
        "x",
        models=tuple(sorted(models, key=lambda m: m.name)),
        semantic_models=SEMANTIC,
        metrics=METRICS,
        time_spines=(TimeSpine("days", "day", Grain.DAY, (("retail_week", "retail_week"),)),),
    )


def code(query: SemanticQuery, masks: dict[str, Mask]) -> str:
    """The Problem's code, "" for a query that passes."""
    whole = layer(masks)
    rights = access(ANALYST, whole)
    visible = visible_ontology(whole, rights)
    plan = build(query, visible, JoinGraph.of(visible))
    try:
        check_masked(query, plan, visible, rights)
    except UserError as error:
        return error.problem.code
    return ""


KEYS = ("people.person_id", "visits.person_id", "buys.person_id")


@pytest.mark.parametrize("mask", [FIXED, NULL, PARTIAL, REDACT])
@pytest.mark.parametrize(
    "query",
    [
        SemanticQuery(("visits",), BY_COUNTRY),
        SemanticQuery(("rolling",), (*BY_COUNTRY, *BY_DAY)),
        SemanticQuery(("visits",), where=Binary("=", Field("person__country"), Literal("DE", DataType.TEXT))),
        SemanticQuery(("visitors",)),
        SemanticQuery(("last_stay",)),
        SemanticQuery(("converted",)),
        SemanticQuery(("of_buyers",)),
        SemanticQuery(("visits",), where=Binary(">", Field("amount", "metric", group_by=("person",)), Literal(5, DataType.INTEGER))),
        SemanticQuery(group_by=(*BY_COUNTRY, GroupBy("visit__device"))),
    ],
)
def test_keys_that_a_mask_makes_equal_join_and_count_nothing(query: SemanticQuery, mask: Mask) -> None:
    assert code(query, dict.fromkeys(KEYS, mask)) == "DM4025"
    assert code(query, {}) == ""


@pytest.mark.parametrize("masked", [KEYS[:1], KEYS[1:2], KEYS])
@pytest.mark.parametrize("metric", ["visits", "rolling", "phone_visits"])
def test_what_stands_on_no_masked_value_passes(metric: str, masked: tuple[str, ...]) -> None:
    for mask in (FIXED, NULL, PARTIAL, REDACT, HASH):
        assert code(SemanticQuery((metric,), BY_DAY), dict.fromkeys(masked, mask)) == ""


@pytest.mark.parametrize(
    "query",
    [
        SemanticQuery(("visits",), BY_COUNTRY),
        SemanticQuery(("visitors",)),
        SemanticQuery(("converted",)),
        SemanticQuery(("of_buyers",)),
        SemanticQuery(group_by=(*BY_COUNTRY, GroupBy("visit__device"))),
    ],
)
def test_digests_of_keys_join_and_count_where_both_sides_have_them(query: SemanticQuery) -> None:
    assert code(query, dict.fromkeys(KEYS, HASH)) == ""


@pytest.mark.parametrize("query", [SemanticQuery(("visits",), BY_COUNTRY), SemanticQuery(group_by=(*BY_COUNTRY, GroupBy("visit__device")))])
def test_a_digest_and_a_key_are_not_compared(query: SemanticQuery) -> None:
    assert code(query, {"people.person_id": HASH}) == "DM4025"
    assert code(query, {"visits.person_id": HASH}) == "DM4025"
    assert code(query, {"people.person_id": HASH, "visits.person_id": PARTIAL}) == "DM4025"


@pytest.mark.parametrize("mask", [FIXED, NULL, PARTIAL, REDACT, HASH])
def test_a_masked_dimension_is_shown_and_filtered_by(mask: Mask) -> None:
    masks = {"people.name": mask, "people.country": mask, "visits.device": mask}
    for query in (
        SemanticQuery(("visits",), BY_NAME),
        SemanticQuery(("visits", "amount"), (*BY_NAME, *BY_COUNTRY)),
        SemanticQuery(("visits",), where=PHONES),
        SemanticQuery(group_by=BY_NAME),
        SemanticQuery(group_by=BY_NAME, min_max_only=True),
    ):
        assert code(query, masks) == ""


@pytest.mark.parametrize("mask", [FIXED, NULL, PARTIAL, REDACT, HASH])
@pytest.mark.parametrize("metric", ["phone_visits", "phone_input", "phone_share", "more"])
def test_a_metrics_own_filter_reads_values_and_no_masks(metric: str, mask: Mask) -> None:
    assert code(SemanticQuery((metric,)), {"visits.device": mask}) == "DM4025"
    assert code(SemanticQuery((metric,)), {"visits.page": mask}) == ""


@pytest.mark.parametrize("mask", [FIXED, NULL, PARTIAL, REDACT, HASH])
def test_sums_times_and_constant_properties_want_the_values(mask: Mask) -> None:
    assert code(SemanticQuery(("amount",)), {"buys.amount": mask}) == "DM4025"
    assert code(SemanticQuery(("last_stay",)), {"visits.stay": mask}) == "DM4025"
    assert code(SemanticQuery(("visits",)), {"visits.seen_on": mask}) == "DM4025"
    assert code(SemanticQuery(("same_page",)), {"buys.page": mask}) == "DM4025"
    assert code(SemanticQuery(("same_page",)), {"buys.page": mask, "visits.page": mask}) == ("" if mask is HASH else "DM4025")
    assert (
        code(
            SemanticQuery(("visits",), BY_COUNTRY, having=Binary(">", Field("amount", "metric"), Literal(1, DataType.INTEGER))),
            {"buys.amount": mask},
        )
        == "DM4025"
    )


@pytest.mark.parametrize(
    ("metric", "mask", "passes"),
    [
        ("known", HASH, True),
        ("known", PARTIAL, True),
        ("known", REDACT, True),
        ("known", FIXED, False),
        ("known", NULL, False),
        ("visitors", HASH, True),
        ("visitors", PARTIAL, False),
        ("casts", HASH, False),
    ],
)
def test_what_a_mask_leaves_of_a_count(metric: str, mask: Mask, passes: bool) -> None:
    assert code(SemanticQuery((metric,)), {"visits.person_id": mask}) == ("" if passes else "DM4025")


@pytest.mark.parametrize(
    "query",
    [
        SemanticQuery(("visits",), BY_DAY, having=parse_where("amount > 5")),
        SemanticQuery(("visits",), BY_DAY, having=parse_where("{{ Metric('amount') }} > 5")),
        SemanticQuery(("visits",), BY_DAY, order_by=(OrderBy("amount", True),), limit=1),
    ],
)
def test_rows_are_not_chosen_by_what_may_not_be_shown(query: SemanticQuery) -> None:
    assert code(query, {}) == ""
    assert code(query, {"buys.amount": NULL}) == "DM4025"


@pytest.mark.parametrize(
    ("metric", "passes"),
    [
        (simple("asked", "visits", "visits"), True),
        (Metric("asked", Derived(Column("asked"), (MetricInput("asked"), MetricInput("visits")))), True),
        (Metric("asked", Derived(Column("asked"), (MetricInput("visits"), MetricInput("nowhere")))), False),
        (simple("asked", "visits", "gone"), False),
        (simple("asked", "nowhere", "visits"), False),
        (simple("asked", "visits", "visits", filter=parse_where("{{ Metric('nowhere', ['person']) }} > 5")), False),
        (simple("asked", "visits", "visits", filter=Binary("=", Column("device", "visit"), Literal("phone", DataType.TEXT))), False),
        (simple("asked", "visits", "visits", filter=Binary("=", Column("visit__device"), Literal("phone", DataType.TEXT))), False),
        (simple("asked", "visits", "visits", filter=Binary("=", Column("visit__page"), Literal("home", DataType.TEXT))), True),
    ],
)
def test_what_is_not_known_to_stand_on_no_masked_values_is_refused(metric: Metric, passes: bool) -> None:
    """A plan would not be made of most of these; what passes is what is known to be right, and not what nothing is known of."""
    whole = layer({"visits.device": FIXED})
    ontology = msgspec.structs.replace(whole, metrics=(metric, *METRICS))
    rights = access(ANALYST, whole)
    plan = build(SemanticQuery(("visits",)), whole, JoinGraph.of(whole))
    with nullcontext() if passes else pytest.raises(UserError, match=r"`(asked|nowhere)` can't be computed"):
        check_masked(SemanticQuery(("asked",)), plan, ontology, rights)


def test_a_metric_that_nobody_knows_is_refused() -> None:
    whole = layer({"visits.device": FIXED})
    plan = build(SemanticQuery(("visits",)), whole, JoinGraph.of(whole))
    with pytest.raises(UserError, match="nowhere") as caught:
        check_masked(SemanticQuery(("nowhere",)), plan, whole, access(ANALYST, whole))
    assert caught.value.problem.code == "DM4025"


@pytest.mark.parametrize(("metric", "column"), [("rolling", "day"), ("week_to_date", "retail_week")])
def test_windows_go_over_calendars_that_are_seen(metric: str, column: str) -> None:
    query = SemanticQuery((metric,), BY_DAY)
    assert code(query, {"people.name": HASH}) == ""
    assert code(query, {f"days.{column}": HASH}) == "DM4025"
