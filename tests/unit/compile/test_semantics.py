"""Semantic models: entities, dimensions, measures, time spines, saved queries, and what is refused in them."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import Severity
from app.model.expr import Column
from app.model.ontology import TimeSpine
from app.model.semantics import DimensionType, EntityType, NonAdditive
from app.model.types import Aggregation, Grain


def compiled(project: Any, **fields: Any) -> tuple[Any, list[str]]:
    project.model("orders")
    project.semantic_model(**fields)
    result = project.compile()
    return result.layer.ontology.semantic_model("orders"), [p.code for p in result.problems]


def test_a_semantic_model(project: Any) -> None:
    found, problems = compiled(project, description="Orders", primary_entity=None)
    assert problems == []
    assert (found.model, found.primary, found.agg_time_dimension, found.file) == ("orders", "order", "ordered_at", "models/semantic.yml")
    assert [(e.name, e.type, e.expr) for e in found.entities] == [("order", EntityType.PRIMARY, Column("id"))]
    assert [(d.name, d.type, d.grain, d.expr) for d in found.dimensions] == [
        ("ordered_at", DimensionType.TIME, Grain.DAY, Column("ordered_at")),
        ("status", DimensionType.CATEGORICAL, None, Column("status")),
    ]
    assert [(m.name, m.agg, m.expr, m.agg_time_dimension) for m in found.measures] == [
        ("amount", Aggregation.SUM, Column("amount"), "ordered_at"),
        ("order_count", Aggregation.COUNT, Column("id"), "ordered_at"),
    ]


def test_measures_keep_what_dbt_says(project: Any) -> None:
    found, problems = compiled(
        project,
        measures=[
            {"name": "p", "agg": "percentile", "expr": "amount", "agg_params": {"percentile": 0.9, "use_discrete_percentile": True}},
            {"name": "b", "agg": "sum_boolean", "expr": "amount > 1"},
            {"name": "n", "agg": "sum", "expr": 1},
            {
                "name": "l",
                "agg": "sum",
                "expr": "amount",
                "non_additive_dimension": {"name": "ordered_at", "window_choice": "max", "window_groupings": ["order"]},
            },
        ],
    )
    by_name = {measure.name: measure for measure in found.measures}
    assert problems == []
    assert (by_name["p"].percentile, by_name["p"].discrete, by_name["p"].approximate) == (0.9, True, False)
    assert by_name["b"].agg is Aggregation.SUM_BOOLEAN
    assert by_name["l"].non_additive == NonAdditive("ordered_at", "max", ("order",))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"measures": [{"name": "x", "agg": "mode"}]}, "DM2305"),
        ({"measures": [{"name": "x", "agg": "percentile"}]}, "DM2306"),
        ({"measures": [{"name": "x", "agg": "percentile", "agg_params": {"percentile": 90}}]}, "DM2306"),
        ({"measures": [{"name": "x", "agg": "sum", "agg_time_dimension": "status"}]}, "DM2307"),
        ({"measures": [{"name": "x", "agg": "sum", "non_additive_dimension": {"name": "nope"}}]}, "DM2307"),
        ({"measures": [{"name": "x", "agg": "sum", "non_additive_dimension": {"name": "ordered_at", "window_choice": "mid"}}]}, "DM2308"),
        ({"measures": [{"name": "x", "agg": "sum", "expr": "amount + ("}]}, "DM"),
        ({"measures": [{"name": "x", "agg": "sum", "expr": "(select password from users)"}]}, "DM"),
    ],
)
def test_a_refused_measure_leaves_the_rest(project: Any, fields: Any, code: str) -> None:
    fields["measures"].append({"name": "good", "agg": "sum", "expr": "amount"})
    found, problems = compiled(project, **fields)
    assert [measure.name for measure in found.measures] == ["good"]
    assert len(problems) == 1
    assert problems[0].startswith(code)


@pytest.mark.parametrize(
    ("dimension", "code"),
    [
        ({"name": "x", "type": "ordinal"}, "DM2303"),
        ({"name": "x", "type": "time", "type_params": {"time_granularity": "fortnight"}}, "DM2303"),
        ({"name": "x", "type": "categorical", "config": {"meta": {"datamind": {"pii": "email"}}}}, "DM2521"),
        ({"name": "x", "type": "categorical", "expr": "case when"}, "DM"),
    ],
)
def test_a_refused_dimension_leaves_the_rest(project: Any, dimension: Any, code: str) -> None:
    found, problems = compiled(
        project, dimensions=[dimension, {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}}]
    )
    assert [d.name for d in found.dimensions] == ["ordered_at"]
    assert len(problems) == 1
    assert problems[0].startswith(code)


@pytest.mark.parametrize(
    ("slip", "word"), [("synonims", "synonyms"), ("synonym", "synonyms"), ("formatt", "format"), ("lint-ignore", "lint_ignore")]
)
def test_a_slip_for_a_word_leaves_the_dimension(project: Any, slip: str, word: str) -> None:
    value = "0.0" if word == "format" else ["town"]
    meta = {"config": {"meta": {"datamind": {slip: value, "unit": "km"}}}}
    time = {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}}
    project.model("orders")
    project.semantic_model(dimensions=[{"name": "x", "type": "categorical", **meta}, time])
    result = project.compile()
    (found,) = [p for p in result.problems if p.code.startswith("DM252")]
    assert (found.code, found.severity, found.hint) == ("DM2523", Severity.WARNING, f"did you mean `{word}`?")
    dimension = result.layer.ontology.semantic_models[0].dimensions[1]
    assert (dimension.name, dimension.unit, dimension.synonyms, dimension.format) == ("x", "km", (), "")


@pytest.mark.parametrize(
    "said",
    [
        {"synonims": ["town"], "deny": True},
        {"maskk": {"kind": "hash"}},
        {"row_filter": []},
        {"synonims": {"deny": True}},
        {"fomrat": ["a"]},
        {"acess": "deny"},
    ],
)
def test_what_may_protect_leaves_the_dimension_out(project: Any, said: dict[str, Any]) -> None:
    time = {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}}
    found, problems = compiled(project, dimensions=[{"name": "x", "type": "categorical", "config": {"meta": {"datamind": said}}}, time])
    assert [d.name for d in found.dimensions] == ["ordered_at"]
    assert [text[:6] for text in problems] == ["DM2521"]


def test_a_time_dimension_without_grain_is_taken_by_day(project: Any) -> None:
    found, problems = compiled(project, dimensions=[{"name": "ordered_at", "type": "time"}])
    assert problems == ["DM2304"]
    assert found.dimensions[0].grain is Grain.DAY


def test_dimensions_inherit_from_their_column(project: Any) -> None:
    node = project.model("orders")
    node["columns"]["amount"]["meta"] = {"datamind": {"pii": "card"}}
    for column in ("status", "amount"):
        project.generic_test("accepted_values", "orders", column, values=["a", "b"])
    meta = {"datamind": {"synonyms": ["state"], "unit": "x", "format": "0"}}
    project.semantic_model(
        dimensions=[
            {"name": "state", "type": "categorical", "expr": "status", "config": {"meta": meta}},
            {"name": "amount", "type": "categorical"},
        ],
        measures=[],
    )
    amount, state = project.compile().layer.ontology.semantic_models[0].dimensions
    assert (state.values, state.pii, state.synonyms, state.unit, state.format) == (("a", "b"), "", ("state",), "x", "0")
    assert (amount.values, amount.pii) == ((), "card")


WINDOW = [
    {"name": f"valid_{end}", "type": "time", "type_params": {"time_granularity": "day", "validity_params": {f"is_{end}": True}}}
    for end in ("start", "end")
]
NATURAL = [{"name": "order", "type": "natural", "expr": "id"}]


def test_validity_windows(project: Any) -> None:
    found, problems = compiled(project, dimensions=WINDOW, entities=NATURAL, measures=[])
    assert problems == []
    assert [(d.name, d.validity) for d in found.dimensions] == [("valid_end", "end"), ("valid_start", "start")]


def test_unknown_models_and_twins_are_left_out(project: Any) -> None:
    project.orders()
    project.semantic_model("lost", model="nothing")
    project.semantic_model("orders", unique_id="semantic_model.other.orders", package_name="other")
    project.manifest["semantic_models"]["semantic_model.other.orders"] = project.manifest["semantic_models"].pop(
        "semantic_model.shop.orders"
    ) | {"package_name": "other"}
    project.semantic_model()
    result = project.compile()
    assert [s.name for s in result.layer.ontology.semantic_models] == ["orders"]
    assert sorted(p.code for p in result.problems) == ["DM2301", "DM2302"]


def test_columns_that_only_expressions_know_are_added_or_doubted(project: Any, make_catalog: Any) -> None:
    project.model("orders", columns=("id",))
    project.semantic_model()
    model = project.compile().layer.ontology.model("orders")
    assert [column.name for column in model.columns] == ["id", "amount", "ordered_at", "status"]
    result = project.compile(catalog=make_catalog(model__shop__orders={"id": "bigint", "amount": "numeric", "ORDERED_AT": "timestamp"}))
    assert [p.code for p in result.problems] == ["DM2309"]
    assert "status" in result.problems[0].message


def test_time_spines_of_models(project: Any) -> None:
    node = project.model("days", columns=("day", "fiscal"))
    node["time_spine"] = {
        "standard_granularity_column": "day",
        "custom_granularities": [{"name": "fiscal_year", "column_name": "fiscal"}, {"name": "retail"}],
    }
    node["columns"]["day"]["granularity"] = "day"
    project.model("bad", time_spine={"standard_granularity_column": "id"})
    project.model("metricflow_time_spine", columns=("date_day",))
    result = project.compile()
    assert result.layer.ontology.time_spines == (TimeSpine("days", "day", Grain.DAY, (("fiscal_year", "fiscal"), ("retail", "retail"))),)
    assert "DM2611" in {p.code for p in result.problems}


def test_the_time_spine_of_old(project: Any) -> None:
    project.model("metricflow_time_spine", columns=("date_day",))
    assert project.compile().layer.ontology.time_spines == (TimeSpine("metricflow_time_spine", "date_day", Grain.DAY),)


def test_time_spines_of_the_semantic_manifest(project: Any) -> None:
    project.model("hours", columns=("ts",))
    relation = {"alias": "hours", "schema_name": "marts"}
    lost = {"alias": "lost", "schema_name": "marts"}
    spines = [{"node_relation": r, "primary_column": {"name": "ts", "time_granularity": "hour"}} for r in (relation, lost)]
    configuration = {
        "time_spines": spines,
        "time_spine_table_configurations": [{"location": "warehouse.marts.hours", "column_name": "other", "grain": "day"}],
    }
    result = project.compile(semantic_manifest={"semantic_models": [], "metrics": [], "project_configuration": configuration})
    assert result.layer.ontology.time_spines == (TimeSpine("hours", "ts", Grain.HOUR),)
    assert "DM2612" in {p.code for p in result.problems}


def test_saved_queries_and_exposures(project: Any, make_where: Any) -> None:
    project.orders()
    params = {
        "metrics": ["revenue"],
        "group_by": ["Dimension('order__status')"],
        "where": make_where("{{ Dimension('order__status') }} = 'x'"),
        "order_by": ["-metric_time"],
        "limit": 3,
    }
    for name, query in (("good", params), ("bad", {"metrics": ["revenu"]})):
        project.manifest["saved_queries"][name] = {
            "name": name,
            "unique_id": f"saved_query.shop.{name}",
            "package_name": "shop",
            "original_file_path": "models/q.yml",
            "query_params": query,
        }
    project.manifest["exposures"]["e"] = {
        "unique_id": "e",
        "name": "board",
        "type": "dashboard",
        "owner": {"name": "Ann"},
        "depends_on": {"nodes": ["metric.shop.revenue"]},
    }
    result = project.compile()
    (saved,) = result.layer.ontology.saved_queries
    assert (saved.name, saved.where, saved.order_by, saved.limit) == (
        "good",
        ("{{ Dimension('order__status') }} = 'x'",),
        ("-metric_time",),
        3,
    )
    assert [p.code for p in result.problems] == ["DM2601"]
    assert "`revenue`" in result.problems[0].hint
    assert result.layer.ontology.exposures[0].owner == "Ann"
