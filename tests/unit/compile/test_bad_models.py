"""Semantic models and measures that can be read and not served: one problem at the line that causes it, and the rest stands."""

from __future__ import annotations

import io
from typing import Any

import pytest
from ruamel.yaml import YAML

DAY = {"time_granularity": "day"}
FILE = "models/semantic.yml"


def time(name: str, **validity: bool) -> dict[str, Any]:
    return {"name": name, "type": "time", "type_params": {**DAY, **({"validity_params": validity} if validity else {})}}


START, END = time("valid_from", is_start=True), time("valid_to", is_end=True)
NATURAL = {"name": "product", "type": "natural", "expr": "id"}
PRIMARY = {"name": "product", "type": "primary", "expr": "id"}


def declare(project: Any, **fields: Any) -> dict[str, Any]:
    """The semantic model `prices` in both forms, over a model of its name, beside `orders`."""
    project.orders().model("prices")
    node = project.semantic_model("prices", model="prices", **({"measures": [], "dimensions": []} | fields))
    written = {key: node[key] for key in ("name", "model", "defaults", "entities", "dimensions", "measures")}
    text = io.StringIO()
    YAML().dump({"semantic_models": [written]}, text)
    project.files[FILE] = text.getvalue()
    return node


@pytest.mark.parametrize(
    ("entities", "dimensions", "said", "line"),
    [
        ([NATURAL], [START], "`valid_from` is the start of a validity window that has no end", "is_start"),
        ([NATURAL], [END], "`valid_to` is the end of a validity window that has no start", "is_end"),
        ([PRIMARY], [START, END], "no natural entity", "is_start"),
        ([NATURAL], [time("valid_from")], "several rows for one value", "natural"),
        ([NATURAL], [START, END, time("other", is_end=True)], "1 starts and 2 ends", "is_start"),
        ([NATURAL], [time("valid", is_start=True, is_end=True)], "`valid` is both start and end", "is_start"),
    ],
)
def test_half_a_validity_window(project: Any, entities: Any, dimensions: Any, said: str, line: str) -> None:
    declare(project, entities=entities, dimensions=dimensions)
    result = project.compile()
    assert [p.code for p in result.problems] == ["DM2312"]
    where = result.problems[0].where
    assert said in result.problems[0].message
    assert line in project.files[FILE].splitlines()[where.line - 1]
    assert [s.name for s in result.layer.ontology.semantic_models] == ["orders"]
    assert [m.name for m in result.layer.ontology.metrics] == ["orders", "revenue"]


def test_what_stands_on_it_is_told_the_cause(project: Any) -> None:
    declare(
        project, entities=[NATURAL], dimensions=[START, {"name": "list", "type": "categorical"}], measures=[{"name": "price", "agg": "max"}]
    )
    project.metric("highest", measure={"name": "price"})
    project.metric("own", metric_aggregation_params={"semantic_model": "prices", "agg": "max"}, expr="price")
    project.metric("narrow", measure={"name": "amount"}, filter="{{ Dimension('product__list') }} = 'x'")
    messages = [p.message for p in project.compile().problems]
    assert sorted(messages)[:3] == [
        "metric `highest` is left out, since its semantic model `prices` is",
        "metric `narrow` is left out, since `list`, by which it filters, is",
        "metric `own` is left out, since its semantic model `prices` is",
    ]
    assert len(messages) == 4


def measure(**non_additive: Any) -> list[dict[str, Any]]:
    return [{"name": "price", "agg": "sum", "expr": "amount", "non_additive_dimension": {"name": "seen_at"} | non_additive}]


@pytest.mark.parametrize(
    ("measures", "code", "hint", "line"),
    [
        (measure(window_groupings=["prodct"]), "DM2311", "did you mean `product`?", "prodct"),
        (measure(window_choice="mid"), "DM2308", "min or max", "mid"),
        (measure(name="seen"), "DM2307", "did you mean `seen_at`?", "seen"),
        (measure(name="kind"), "DM2307", "name a time dimension", "kind"),
        ([{"name": "price", "agg": "sum", "expr": "amount", "agg_time_dimension": "sen_at"}], "DM2307", "`seen_at`", "sen_at"),
    ],
)
def test_names_of_a_measure(project: Any, measures: Any, code: str, hint: str, line: str) -> None:
    dimensions = [time("seen_at"), {"name": "kind", "type": "categorical"}]
    declare(project, defaults={"agg_time_dimension": "seen_at"}, entities=[PRIMARY], dimensions=dimensions, measures=measures)
    result = project.compile()
    assert [p.code for p in result.problems] == [code]
    assert hint in result.problems[0].hint
    assert line in project.files[FILE].splitlines()[result.problems[0].where.line - 1]
    assert [s.measures for s in result.layer.ontology.semantic_models if s.name == "prices"] == [()]


def test_groupings_may_be_any_entity(project: Any) -> None:
    groupings = measure(window_groupings=["product", "shelf"], window_choice="max")
    declare(
        project,
        defaults=None,
        primary_entity="shelf",
        entities=[PRIMARY | {"type": "foreign"}],
        dimensions=[time("seen_at")],
        measures=groupings,
    )
    assert project.compile().problems == ()
