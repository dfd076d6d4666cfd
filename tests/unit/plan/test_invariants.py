"""What holds for every plan, whatever is asked: steps read what stands before them, under names that are free, and give each column once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.errors import UserError
from app.model.expr import Column, Expr
from app.model.metrics import Cumulative, MeasureInput, Metric
from app.model.ontology import Ontology
from app.model.plan import Aggregate, Combine, LogicalPlan, Select, scans, values
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.types import Aggregation, DataType, Dialect, Grain
from app.plan.build import build
from app.plan.render import render
from app.service.request import semantic_query
from app.sql.expressions.walk import columns
from app.sql.joins import JoinGraph
from tests.conformance.cases import read, request

OURS = (
    *("clock", "place", "happened_at", "until", "last_day", "is_present", "taken_at", "first_taken", "last_taken", "month"),
    *("entity", "conversion_id", "credit", "property_1", "period_number", "day_of_period", "first_day"),
)
"""Columns that the planner makes beside those of the layer."""


def expressions(step: Aggregate | Select) -> Iterator[Expr]:
    """Every expression of a step."""
    yield from (key.expr for key in step.keys)
    yield from (condition for join in step.rows.joins for condition in join.on)
    if step.rows.where is not None:
        yield step.rows.where
    if isinstance(step, Aggregate):
        yield from (value.expr for value in step.values)
        return
    yield from (column.expr for column in step.columns)
    for window in step.windows:
        yield from (*window.by, *(expr for expr, _ in window.order), *((window.arg,) if window.arg is not None else ()))


def check(plan: LogicalPlan) -> None:
    """Assert what holds for every plan."""
    given: dict[str, set[str]] = {}
    result = {column.name for column in plan.columns}
    for step in plan.steps:
        assert step.name not in given
        assert step.name not in result
        for scan in scans(step):
            assert bool(scan.model) != bool(scan.step)
            if scan.step:
                assert {name for name, _ in scan.columns} <= given[scan.step]
        if not isinstance(step, Combine):
            read = {(scan.alias, name) for scan in scans(step) for name, _ in scan.columns}
            assert {(column.table, column.name) for expr in expressions(step) for column in columns(expr)} == read
        aliases = [scan.alias for scan in scans(step)]
        assert len(aliases) == len(set(aliases))
        names = [key.name for key in step.keys] + [name for name, _ in values(step)]
        assert len(names) == len(set(names)), names
        given[step.name] = set(names)
    assert set(plan.parts) <= set(given)
    for column in plan.columns:
        for used in columns(column.expr):
            assert used.name in given[used.table or plan.parts[0]]
    for part in plan.parts:
        assert set(plan.keys) <= given[part]


def test_every_conformance_query(shared: Path) -> None:
    layers: dict[str, tuple[Ontology, JoinGraph]] = {}
    folder = shared / "conformance"
    for case in read(folder):
        if case.model not in layers:
            ontology = ontology_from_semantic_manifest(
                (folder / "manifests" / f"{case.model}.json").read_bytes(), "postgres"
            ).layer.ontology
            layers[case.model] = ontology, JoinGraph.of(ontology)
        ontology, joins = layers[case.model]
        plan = build(semantic_query(request(case), ontology, joins), ontology, joins)
        check(plan)
        assert type(plan).from_json(plan.canonical()) == plan


@pytest.mark.parametrize("manifest", ["simple_manifest", "scd_manifest"])
def test_every_metric_over_time(manifest: str, shared: Path) -> None:
    data = (shared / "conformance" / "manifests" / f"{manifest}.json").read_bytes()
    ontology = ontology_from_semantic_manifest(data, "postgres").layer.ontology
    joins = JoinGraph.of(ontology)
    planned = 0
    for metric in ontology.metrics:
        found = joins.compatible_dimensions((metric.name,))
        by = next((GroupBy(name) for name in found if "country" in name or "type" in name), None)
        for grain in ("day", "month", "year"):
            for keys in ((GroupBy("metric_time", grain),), (GroupBy("metric_time", grain), *((by,) if by else ()))):
                with contextlib.suppress(UserError):  # a grain finer than the metric has
                    check(build(SemanticQuery((metric.name,), keys), ontology, joins))
                    planned += 1
    assert planned > 4 * len(ontology.metrics)


RENAMED = {
    "txn_revenue": ("revenue_mtd", "revenue_all_time", "trailing_2_months_revenue"),
    "buys": ("visit_buy_conversion_rate_by_session", "visit_buy_conversion_rate_7days_fill_nulls_with_0"),
    "account_balance": ("total_account_balance_first_day", "account_balance"),
    "bookings": ("bookings_growth_2_weeks", "bookings_at_start_of_month", "bookings_join_to_time_spine", "bookings_offset_one_alien_day"),
}
"""Measures, and metrics that stand on them."""


@pytest.mark.parametrize("measure", RENAMED)
@pytest.mark.parametrize("taken", OURS)
def test_a_measure_may_bear_a_name_that_we_use(taken: str, measure: str, shared: Path) -> None:
    data = (shared / "conformance" / "manifests" / "simple_manifest.json").read_bytes()
    layer = ontology_from_semantic_manifest(data, "postgres").layer
    models = []
    for model in layer.ontology.semantic_models:
        measures = tuple(msgspec.structs.replace(m, name=taken) if m.name == measure else m for m in model.measures)
        models.append(msgspec.structs.replace(model, measures=measures))
    metrics = tuple(renamed(metric, measure, taken) for metric in layer.ontology.metrics)
    assert metrics != layer.ontology.metrics
    ontology = msgspec.structs.replace(layer.ontology, semantic_models=tuple(models), metrics=metrics)
    joins = JoinGraph.of(ontology)
    for metric in RENAMED[measure]:
        plan = build(SemanticQuery((metric,), (GroupBy("metric_time", "month"),)), ontology, joins)
        check(plan)
        for dialect in Dialect:
            assert render(plan, dialect, layer.placements[0], limit=None).text


def renamed(metric: Metric, measure: str, taken: str) -> Metric:
    """The metric with the measure under another name."""
    given = {
        name: msgspec.structs.replace(value, measure=taken)
        for name in metric.params.__struct_fields__
        if isinstance(value := getattr(metric.params, name), MeasureInput) and value.measure == measure
    }
    return msgspec.structs.replace(metric, params=msgspec.structs.replace(metric.params, **given)) if given else metric


def test_an_entity_may_bear_the_name_of_a_measure(shared: Path) -> None:
    data = (shared / "conformance" / "manifests" / "simple_manifest.json").read_bytes()
    ontology = ontology_from_semantic_manifest(data, "postgres").layer.ontology
    model = ontology.semantic_model("bookings_source")
    assert model is not None
    measure = msgspec.structs.replace(model.measures[0], name="guest", agg=Aggregation.SUM)
    model = msgspec.structs.replace(model, measures=(measure,))
    others = tuple(model if s.name == model.name else s for s in ontology.semantic_models)
    metric = ontology.metric("bookings")
    assert metric is not None
    params = msgspec.structs.replace(metric.params, input=msgspec.structs.replace(metric.params.input, measure="guest"))  # type: ignore[union-attr]
    told = Metric("told", params)
    running = Metric("running", Cumulative(params.input, period_agg="last"))  # type: ignore[union-attr]
    layer = Ontology("x", semantic_models=others, metrics=(running, told), time_spines=ontology.time_spines)
    joins = JoinGraph.of(layer)
    keys = (GroupBy("metric_time", Grain.DAY), GroupBy("guest"))
    plan = build(SemanticQuery(("told", "running"), keys, time=TimeRange()), layer, joins)
    check(plan)
    assert all(column.expr != Column("guest") for column in plan.columns if column.metric)
    assert {column.type for column in plan.columns if column.metric} <= {DataType.INTEGER, DataType.OTHER}
