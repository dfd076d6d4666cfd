"""What each dbt version writes for one project compiles to one Ontology, up to the differences that docs/dbt-versions.md states."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec.structs import replace

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.dbt.manifest import Manifest
from app.compile.project import Compilation, compile_project
from app.errors import Severity
from app.model.expr import Column, Literal
from app.model.metrics import Conversion, Cumulative, Derived, MetricInput, Ratio, Simple, Window
from app.model.ontology import Export, Exposure, Group, Ontology, TimeSpine
from app.model.physical import ColumnReference
from app.model.semantics import DimensionType, Entity, EntityType, Measure, NonAdditive
from app.model.types import Aggregation, DataType, Grain
from app.sql.expressions.text import expression_text
from app.sql.expressions.walk import fields
from tests.support.dbt_versions import FIXTURES, STYLES, VERSIONS, project, render

NEW = "1.12-new"
LINES = {
    "DM2430": ("models/models.yml", "fill_nulls_with: 0"),
    "DM2431": ("models/models.yml", "percentile_type: continuous"),
    "DM2320": ("models/models.yml", "dimension: time"),
}
"""The problems that 1.12's own YAML has, with what stands in the line that each points to."""
STEPS: dict[tuple[str, str], set[str]] = {
    ("1.6", "1.7"): {
        "metrics +parcel_count_filled",
        "metrics +parcels",
        "metrics +visit_to_parcel_conversions",
        "metrics +visit_to_parcel_rate",
        "metrics/customer_count.description",
        "metrics/customer_count.label",
        "metrics/parcel_count.params.input.join_to_timespine",
        "saved_queries +weekly_revenue",
        "semantic_models/customers.label",
        "semantic_models/customers.measures/customer_count.label",
    },
    ("1.7", "1.8"): {
        "metrics +revenue_of_good_senders",
        "metrics/revenue.group",
        "metrics/revenue.owner",
        "saved_queries/weekly_revenue.cached",
        "saved_queries/weekly_revenue.exports +weekly_revenue_table",
        "saved_queries/weekly_revenue.group",
        "saved_queries/weekly_revenue.where",
        "semantic_models/customers.group",
        "semantic_models/customers.meta",
    },
    ("1.8", "1.9"): {
        "metrics/customer_count.label",
        "models/all_days.columns/date_day.grain",
        "models/all_hours.columns/date_hour.grain",
        "models/all_months.columns/date_month.grain",
        "models/customers.depends_on",
        "semantic_models/parcels.dimensions/sent_at.grain",
        "semantic_models/visits.dimensions/visited_at.grain",
        "time_spines",
    },
    ("1.9", "1.10"): {
        "metrics +revenue_fiscal",
        "saved_queries/weekly_revenue.limit",
        "saved_queries/weekly_revenue.order_by",
        "saved_queries/weekly_revenue.tags",
        "semantic_models/customers.dimensions/is_business.meta",
        "semantic_models/customers.dimensions/segment.meta",
        "semantic_models/customers.dimensions/signed_up_on.meta",
        "semantic_models/customers.dimensions/signup_month.meta",
        "semantic_models/customers.entities/customer.meta",
        "semantic_models/customers.entities/referrer.meta",
        "semantic_models/customers.entities/region.meta",
        "semantic_models/customers.measures/business_customers.meta",
        "semantic_models/customers.measures/customer_count.meta",
        "semantic_models/parcels.dimensions/status.synonyms",
    },
    ("1.10", "1.11"): {"metrics/customer_count.meta"},
    ("1.11", "1.12"): set(),
}
"""What differs from one version to the next, `+` for what the earlier one cannot say."""


def compiled(style: str, *engines: str) -> Compilation:
    texts = {path: text for path, text in project(style).items() if path.endswith(".yml")}
    folder = FIXTURES / style
    semantic = (folder / "semantic.json").read_bytes()
    targets = [TargetArtifacts(engine, (folder / f"{engine}.json").read_bytes(), semantic) for engine in engines or ("postgres",)]
    return compile_project(targets, ProjectSources(texts))


def ontology(style: str, *engines: str) -> Ontology:
    return compiled(style, *engines).layer.ontology


def differences(one: Any, other: Any, path: str = "") -> set[str]:
    """Where two nouns differ, members by name."""
    if isinstance(one, msgspec.Struct) and type(one) is type(other):
        fields = one.__struct_fields__
        return set().union(*(differences(getattr(one, f), getattr(other, f), f"{path}.{f}".lstrip(".")) for f in fields))
    if isinstance(one, tuple) and isinstance(other, tuple) and all(hasattr(item, "name") for item in one + other):
        before, after = ({item.name: item for item in items} for items in (one, other))
        found = {f"{path} +{name}" for name in after.keys() - before.keys()} | {f"{path} -{name}" for name in before.keys() - after.keys()}
        return found.union(*(differences(before[name], after[name], f"{path}/{name}") for name in before.keys() & after.keys()))
    return set() if one == other else {path}


@pytest.mark.parametrize("style", STYLES)
def test_both_targets_give_one_ontology(style: str) -> None:
    both, clickhouse = compiled(style, "postgres", "clickhouse"), compiled(style, "clickhouse", "postgres")
    assert replace(both.layer.ontology, adapter="clickhouse") == clickhouse.layer.ontology
    assert [placement.engine for placement in both.layer.placements] == ["clickhouse", "postgres"]
    for placement in both.layer.placements:
        assert {name for name, _ in placement.relations} == {model.name for model in both.layer.ontology.models}
        assert {relation.database for _, relation in placement.relations} == {"" if placement.engine == "clickhouse" else "warehouse"}


@pytest.mark.parametrize("style", STYLES)
def test_problems_are_those_of_the_version(style: str) -> None:
    result = compiled(style)
    problems = [p for p in result.problems if p.code != "DM2202"]
    assert {p.code for p in problems} == (set(LINES) if style == NEW else set())
    texts = project(style)
    for problem in problems:
        file, said = LINES[problem.code]
        assert problem.severity is Severity.WARNING
        assert problem.where is not None
        assert problem.where.file == file
        assert said in texts[file].splitlines()[problem.where.line - 1]
        assert problem.where.column > 1


@pytest.mark.parametrize(("before", "after"), pairwise(VERSIONS))
def test_a_version_differs_from_the_one_before_as_stated(before: str, after: str) -> None:
    assert differences(ontology(before), ontology(after)) == STEPS[before, after]


def test_a_manifest_without_the_semantic_one_says_as_much() -> None:
    for style in STYLES:
        manifest = (FIXTURES / style / "postgres.json").read_bytes()
        assert compile_project([TargetArtifacts("postgres", manifest)]).layer.ontology == ontology(style)


def test_the_metrics_of_1_6_keep_their_filters() -> None:
    """1.6 wrote one filter in the place where later versions have several."""
    revenue = ontology("1.6").metric("insured_revenue")
    assert revenue is not None
    assert revenue.filter == ontology("1.12").metric("insured_revenue").filter
    assert expression_text(revenue.filter).count("=") == 2


def test_a_source_has_the_meta_of_its_whole() -> None:
    """dbt < 1.8 keeps it apart, and a policy may stand there."""
    for style in STYLES:
        table = ontology(style).model("web.page_views")
        assert (table.owner, table.meta, table.alias) == ("web desk", '{"owner":"web desk"}', "page_views_2024")


def test_what_the_project_says_is_held() -> None:
    layer = ontology("1.12")
    customers, parcels = layer.model("customers"), layer.model("parcels")
    assert (customers.primary_key, customers.access, customers.group, customers.owner) == (
        ("customer_id",),
        "public",
        "customer_care",
        "care@parcel.example",
    )
    assert (customers.contract_enforced, customers.tags, customers.synonyms) == (True, ("core", "nightly"), ("clients",))
    assert customers.column("segment").accepted_values == ("private", "public", "trade")
    assert customers.column("region_id").references == ColumnReference("regions", "region_id")
    assert parcels.primary_key == ("parcel_id",)
    assert {m.name for m in layer.models if m.name.startswith("carriers")} == {"carriers", "carriers.v1"}
    assert layer.model("carriers.v1").deprecated == "2030-01-01"
    assert {m.resource_type for m in layer.models} == {"model", "seed", "snapshot", "source"}
    assert layer.groups == (
        Group("customer_care", "care@parcel.example", "care@parcel.example"),
        Group("logistics", "Lena Freight", "lena@parcel.example"),
    )
    assert layer.exposures == (
        Exposure(
            "weekly_board",
            "dashboard",
            "Bo Board",
            "https://board.parcel.example/weekly",
            "What the board reads on Mondays.",
            ("metric.parcel_post.revenue", "model.parcel_post.parcels", "source.parcel_post.web.page_views"),
            "models/models.yml",
            "Weekly board",
            "high",
            ("board",),
            '{"audience":"board"}',
        ),
    )
    query = layer.saved_queries[0]
    assert query.exports == (Export("weekly_revenue_table", "table", "exports", "weekly_revenue"),)
    assert (query.cached, query.group, query.tags, query.limit) == (True, "logistics", ("board",), 10)
    assert layer.time_spines == (
        TimeSpine("all_days", "date_day", Grain.DAY, (("fiscal_quarter", "fiscal_quarter_start"), ("fiscal_week", "fiscal_week"))),
        TimeSpine("all_hours", "date_hour", Grain.HOUR, (("shift", "shift"),)),
        TimeSpine("all_months", "date_month", Grain.MONTH),
    )


def test_every_type_of_metric() -> None:
    layer = ontology("1.12")
    params = {metric.name: metric.params for metric in layer.metrics}
    assert isinstance(params["insured_share"], Ratio)
    assert params["insured_share"].numerator.filter is not None
    growth, to_date = params["revenue_growth"], params["revenue_to_date"]
    assert isinstance(growth, Derived)
    assert growth.inputs == (MetricInput("revenue"), MetricInput("revenue", "revenue_last_month", None, Window(1, "month")))
    assert params["revenue_this_year"].inputs[1].offset_to_grain == "year"
    assert params["revenue_fiscal"].inputs[1].offset_window == Window(1, "fiscal_week")
    assert {item.metric for item in params["growth_share"].inputs} == {"revenue_growth", "revenue"}
    assert isinstance(to_date, Cumulative)
    assert (to_date.grain_to_date, to_date.period_agg, to_date.input.filter is None) == ("month", "last", False)
    assert params["revenue_7_days"].window == Window(7, "day")
    rate = params["visit_to_parcel_rate"]
    assert isinstance(rate, Conversion)
    assert (rate.window, rate.entity, rate.constant_properties) == (Window(7, "day"), "customer", (("channel", "status"),))
    assert params["visit_to_parcel_conversions"].calculation == "conversions"
    filled = params["parcel_count_filled"]
    assert isinstance(filled, Simple)
    assert (filled.input.fill_nulls_with, filled.input.join_to_timespine) == (0, True)
    assert "metric" in {field.kind for field in fields(layer.metric("revenue_of_good_senders").filter)}


def test_every_aggregation_and_entity() -> None:
    layer = ontology("1.12")
    measures = {m.name: m for model in layer.semantic_models for m in model.measures}
    assert {m.agg for m in measures.values()} == set(Aggregation)
    assert measures["p90_price"] == Measure("p90_price", Aggregation.PERCENTILE, Column("price"), "sent_at", 0.9)
    assert (measures["p90_price_discrete"].discrete, measures["p90_price_approximate"].approximate) == (True, True)
    assert measures["stock"].non_additive == NonAdditive("counted_on", "max", ("depot",))
    assert measures["delivered_parcels"].expr == Literal(1, DataType.INTEGER)
    assert {e.type for model in layer.semantic_models for e in model.entities} == {
        EntityType.PRIMARY,
        EntityType.FOREIGN,
        EntityType.NATURAL,
    }
    parcels, customers = layer.semantic_model("parcels"), layer.semantic_model("customers")
    route = next(e for e in parcels.entities if e.name == "route")
    assert expression_text(route.expr) == "(route_code || '-') || route_leg"
    referrer = next(e for e in customers.entities if e.name == "referrer")
    assert replace(referrer, meta="{}") == Entity("referrer", EntityType.FOREIGN, Column("referred_by"), "referrer")
    assert next(d for d in parcels.dimensions if d.name == "loaded_on").is_partition
    history = {d.name: d.validity for d in layer.semantic_model("depot_history").dimensions}
    assert history == {"depot_name": "", "valid_from": "start", "valid_to": "end"}
    assert layer.semantic_model("depot_history").primary == "depot_version"


def _meaning(layer: Ontology) -> dict[str, Any]:
    """Metrics with their measures put in, without names of measures, files and words."""
    measures = {
        (model.name, m.name): replace(m, name="", description="", label="", meta="{}")
        for model in layer.semantic_models
        for m in model.measures
    }
    found = {}
    for metric in layer.metrics:
        params: Any = metric.params
        if isinstance(params, (Simple, Cumulative)):
            used = [params.input]
        elif isinstance(params, Conversion):
            used = [params.base, params.conversion]
        else:
            used = []
        plain = msgspec.to_builtins(params)
        for key in ("input", "base", "conversion"):
            if key in plain:
                plain[key].pop("measure")
        found[metric.name] = (metric.filter, metric.grain, plain, [measures[u.semantic_model, u.measure] for u in used])
    return found


def test_the_new_yaml_means_what_the_old_one_does() -> None:
    """1.12's semantic models inside models, and metrics that carry their own aggregation."""
    old, new = _meaning(ontology("1.12")), _meaning(ontology(NEW))
    assert old.keys() - new.keys() == {"p90_price_approximate", "parcels"}  # a measure's hidden metric, and there are no measures
    assert new.keys() <= old.keys()
    different = {name for name in new if old[name] != new[name]}
    # fill_nulls_with is dropped, a continuous percentile is approximate (DM2430, DM2431); inputs of a conversion are whole metrics there,
    # which have no filter of their own and bring their `join_to_timespine` along.
    assert different == {"parcel_count_filled", "p90_price", "visit_to_parcel_rate", "visit_to_parcel_conversions"}
    before, after = ontology("1.12"), ontology(NEW)
    assert {s.name for s in before.semantic_models} == {s.name for s in after.semantic_models}
    for model in before.semantic_models:
        other = after.semantic_model(model.name)
        assert [(e.name, e.type, e.expr) for e in model.entities] == [(e.name, e.type, e.expr) for e in other.entities]
        shape = [(d.name, d.type, d.expr, d.grain, d.is_partition, d.validity) for d in model.dimensions]
        assert shape == [(d.name, d.type, d.expr, d.grain, d.is_partition, d.validity) for d in other.dimensions]
        assert (model.primary, model.agg_time_dimension, model.group, model.meta) == (
            other.primary,
            other.agg_time_dimension,
            other.group,
            other.meta,
        )
    assert [m.name for m in after.metrics if m.hidden] == ["delivered_parcels"]
    assert after.metric("revenue").synonyms == ("turnover",)
    assert after.metric("revenue").tags == ("board",)
    times = [d for model in after.semantic_models for d in model.dimensions if d.type is DimensionType.TIME]
    assert all(d.grain for d in times)


NOT_READ = {
    # said elsewhere as well
    "exposures.metrics", "exposures.sources", "nodes.sources", "nodes.contract", "nodes.config.tags", "nodes.primary_key",
    "nodes.columns.dimension", "nodes.columns.entity", "metrics.type_params.input_measures", "metrics.depends_on", "saved_queries.depends_on",
    "groups.unique_id", "semantic_models.node_relation.relation_name",
    *(f"{section}.resource_type" for section in ("exposures", "groups", "metrics", "saved_queries", "semantic_models", "sources")),
    # of no meaning for a query, as docs/dbt-versions.md says
    "exposures.package_name", "groups.package_name", "groups.original_file_path", "groups.config.materialized", "unit_tests",
    "nodes.columns.constraints.expression", "nodes.columns.constraints.warn_unenforced", "nodes.columns.constraints.warn_unsupported",
    "nodes.constraints.warn_unenforced", "nodes.constraints.warn_unsupported", "nodes.config.contract.alias_types", "nodes.config.schema",
    "nodes.config.latest_version_pointer", "nodes.config.unique_key",
    # each target's own
    "saved_queries.exports.config.database",
}  # fmt: skip
"""Keys that hold something in a fixture and that no record has."""


def unread(value: Any, kind: Any, path: str = "") -> set[str]:
    """The keys of a JSON value that are not empty and that its type skips."""
    args = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        shapes = [a for a in args if a is not type(None) and (isinstance(a, type) or get_origin(a) in (list, dict))]
        wanted = dict if isinstance(value, dict) else list if isinstance(value, list) else None
        fitting = [s for s in shapes if (get_origin(s) or (dict if isinstance(s, type) and issubclass(s, msgspec.Struct) else s)) is wanted]
        return unread(value, fitting[0], path) if fitting else set()
    if get_origin(kind) in (list, dict):
        entries = (value.values() if isinstance(value, dict) else value) or ()
        return set().union(*(unread(entry, args[-1], path) for entry in entries))
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict)):
        return set()
    fields_of = get_type_hints(kind)
    found = {f"{path}.{key}".lstrip(".") for key, entry in value.items() if key not in fields_of and entry not in (None, [], {}, "", False)}
    return found.union(*(unread(entry, fields_of[key], f"{path}.{key}") for key, entry in value.items() if key in fields_of))


def test_every_key_is_read_or_named() -> None:
    """What a version of dbt adds is not skipped unseen."""
    found = set().union(*(unread(json.loads((FIXTURES / style / "postgres.json").read_bytes()), Manifest) for style in STYLES))
    assert found == NOT_READ


def test_fixtures_hold_nothing_of_who_made_them() -> None:
    for path in FIXTURES.glob("1.*/*.json"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"invocation|user_id|/tmp|/root|/home|generated_at|created_at|checksum|raw_code", text), path
        assert len(text) < 120_000, path
        assert f'"dbt_version":"{path.parent.name.partition("-")[0]}.' in text or "semantic" in path.name


def test_rendering_a_version() -> None:
    text = "a\n#? since 1.9\nb\n  #? new\nc\n  #? end\n#? end\n#? until 1.10\nd\n#? end\n"
    assert render(text, "1.9") == "a\nb\nd\n"
    assert render(text, "1.8") == "a\nd\n"
    assert render(text, "1.12", "new") == "a\nb\nc\n"
    with pytest.raises(ValueError, match="not closed"):
        render("#? old\n", "1.9")
