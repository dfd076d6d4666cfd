"""Metrics from templates: what is written, and what is said where a template can't be filled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.compile.artifacts import ProjectSources
from app.compile.drafts.append import appended
from app.compile.drafts.form import Form
from app.compile.drafts.templates.fill import TEMPLATES, fill, unnested
from app.compile.drafts.templates.ground import Asked
from app.errors import UserError
from app.model.ontology import Ontology
from app.service.metric_templates import new_metric

DBT = Form((1, 11))


class Source:
    """A project that is compiled from what it has in memory."""

    def __init__(self, project: Any) -> None:
        self.project = project

    def read(self) -> Any:
        return [self.project.target()], ProjectSources(self.project.files)

    def fingerprint(self) -> str:
        return ""

    def git_commit(self) -> str:
        return ""


@pytest.fixture
def shop(project: Any) -> Any:
    """Orders with their customers, visits of customers, and a calendar."""
    project.model("orders", columns=("id", "customer_id", "status", "amount", "ordered_at", "is_first"))
    project.model("visits", columns=("id", "customer_id", "visited_at"))
    project.spine()
    customer = {"name": "customer", "type": "foreign", "expr": "customer_id"}
    order = {"name": "order", "type": "primary", "expr": "id"}
    times = {"type": "time", "type_params": {"time_granularity": "day"}}
    project.semantic_model(
        entities=[order, customer],
        dimensions=[
            {"name": "ordered_at", **times},
            {"name": "status", "type": "categorical"},
            {"name": "is_first", "type": "categorical"},
        ],
        measures=[
            {"name": "amount", "agg": "sum"},
            {"name": "order_count", "agg": "count", "expr": "id"},
            {"name": "buyers", "agg": "count_distinct", "expr": "customer_id"},
        ],
    )
    project.semantic_model(
        "visits",
        "visits",
        entities=[{"name": "visit", "type": "primary", "expr": "id"}, customer],
        dimensions=[{"name": "visited_at", **times}],
        measures=[
            {"name": "visit_count", "agg": "count", "expr": "id"},
            {"name": "visitors", "agg": "count_distinct", "expr": "customer_id"},
        ],
        defaults={"agg_time_dimension": "visited_at"},
    )
    project.metric("revenue", measure={"name": "amount"}, label="Revenue")
    project.metric("paid_orders", measure={"name": "order_count"}, filter="{{ Dimension('order__status') }} = 'paid'")
    project.metric("orders", measure={"name": "order_count"}, label="Orders")
    return project


def ontology(project: Any) -> Ontology:
    found: Ontology = project.compile().layer.ontology
    return found


FILLED = {
    "aov": Asked(numerator="revenue", denominator="order_count"),
    "churn": Asked(lost="paid_orders", active="orders", window="1 month"),
    "conversion": Asked(base="visit_count", conversion="order_count", entity="customer", window="7 days"),
    "growth": Asked(metric="revenue", window="1 year"),
    "retention": Asked(base="visitors", conversion="buyers", entity="customer", window="30 days"),
    "share": Asked(metric="revenue", filter="{{ Dimension('order__status') }} = 'paid'"),
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_a_template_writes_compiles(shop: Any, template: str) -> None:
    made = new_metric(Source(shop), template, "new_one", FILLED[template])
    assert made.form == Form((1, 11)) or made.definitions
    text, line = appended("", made.definitions, "f.yml")
    assert line == 2
    assert text.splitlines()[1] == f"  - name: {made.definitions[0]['name']}"
    document = YAML(typ="safe", pure=True).load(text)
    assert document["metrics"][-1]["name"] == "new_one"
    assert document["metrics"][-1]["label"] == "New one"


def test_a_measure_that_is_no_metric_becomes_one(shop: Any) -> None:
    filled = fill("aov", "value", FILLED["aov"], ontology(shop), DBT)
    assert [one["name"] for one in filled.definitions] == ["order_count", "value"]
    assert filled.definitions[0]["type_params"] == {"measure": "order_count"}


def test_a_name_that_a_derived_metric_bears_is_free(project: Any) -> None:
    project.model("orders", columns=("id",))
    assert "orders_count" in {metric.name for metric in ontology(project).metrics}
    with pytest.raises(UserError) as raised:
        fill("aov", "orders_count", Asked(), ontology(project), DBT)
    assert raised.value.problem.code == "DM2361"


def test_no_description_holds_a_template_of_dbt(shop: Any) -> None:
    """dbt renders descriptions: what looks like Jinja there breaks the project."""
    for template, given in FILLED.items():
        condition = "{{ TimeDimension('metric_time', 'day') }} > '2024-01-01' {% if x %}"
        asked = replace(given, filter=condition, base_filter=condition if template == "conversion" else "")
        for one in fill(template, "new_one", asked, ontology(shop), DBT).definitions:
            assert not any(mark in one["description"] for mark in ("{{", "{%", "}}")), one["description"]


@pytest.mark.parametrize(
    ("template", "name", "asked", "code", "said"),
    [
        ("ao", "x1", Asked(), "DM2360", "`aov`"),
        ("nothing", "x1", Asked(), "DM2360", "churn"),
        ("aov", "revenue", FILLED["aov"], "DM2363", "already"),
        ("aov", "Value", FILLED["aov"], "DM2363", "no name"),
        ("aov", "a__b", FILLED["aov"], "DM2363", "no name"),
        ("aov", "month", FILLED["aov"], "DM2363", "no name"),
        ("aov", "v1", Asked(), "DM2361", "--numerator"),
        ("aov", "v1", Asked(numerator="revenue"), "DM2361", "orders, paid_orders"),
        ("aov", "v1", Asked(numerator="revenu", denominator="orders"), "DM2362", "`revenue`"),
        ("aov", "v1", Asked(numerator="revenue", denominator="order_cuont"), "DM2362", "`order_count`"),
        ("share", "v1", Asked(metric="revenue"), "DM2361", "--filter"),
        ("share", "v1", Asked(), "DM2361", "--metric"),
        ("growth", "v1", Asked(metric="revenue"), "DM2361", "--window"),
        ("growth", "v1", Asked(metric="revenue", window="a while"), "DM2364", "no window"),
        ("growth", "v1", Asked(metric="revenue", window="0 days"), "DM2364", "no window"),
        ("churn", "v1", Asked(lost="orders", active="orders"), "DM2364", "both"),
        ("churn", "v1", Asked(lost="paid_orders", active="orders", window="3 months"), "DM2364", "more than one period"),
        ("conversion", "v1", Asked(base="visit_count"), "DM2361", "--conversion"),
        ("conversion", "v1", Asked(base="visit_count", conversion="order_count"), "DM2361", "customer"),
        ("conversion", "v1", Asked(base="visit_count", conversion="order_count", entity="custmer"), "DM2362", "customer"),
        ("conversion", "v1", Asked(base="visit_count", conversion="order_count", entity="order"), "DM2364", "both have: customer"),
        (
            "conversion",
            "v1",
            Asked(base="visit_count", conversion="order_count", entity="customer", calculation="rate"),
            "DM2362",
            "conversion_rate",
        ),
        ("conversion", "v1", Asked(base="visit_count", conversion="paid_orders", entity="customer"), "DM2364", "--conversion-filter"),
        ("conversion", "v1", Asked(base="visitcount", conversion="orders", entity="customer"), "DM2362", "`visit_count`"),
        ("retention", "v1", Asked(base="buyers", entity="customer"), "DM2361", "--window"),
        ("retention", "v1", Asked(base="buyers", entity="customer", window="30 days"), "DM2364", "order__is_first"),
        ("retention", "v1", Asked(base="visit_count", conversion="buyers", entity="customer", window="30 days"), "DM2364", "visitors"),
    ],
)
def test_what_is_missing_is_said(shop: Any, template: str, name: str, asked: Asked, code: str, said: str) -> None:
    with pytest.raises(UserError) as raised:
        fill(template, name, asked, ontology(shop), DBT)
    assert raised.value.problem.code == code
    assert said in f"{raised.value.problem.message} {raised.value.problem.hint}"


def test_a_comparison_over_time_needs_a_time_spine(project: Any) -> None:
    project.orders()
    with pytest.raises(UserError) as raised:
        fill("growth", "v1", FILLED["growth"], ontology(project), DBT)
    assert (raised.value.problem.code, "suggest" in raised.value.problem.hint) == ("DM2364", True)


def test_what_could_not_be_served_is_not_written(shop: Any) -> None:
    with pytest.raises(UserError) as raised:
        new_metric(Source(shop), "share", "v1", Asked(metric="revenue", filter="{{ Dimension('visit__channel') }} = 'web'"))
    assert raised.value.problem.code == "DM2366"
    assert len(raised.value.problems) > 1


@pytest.mark.parametrize("version", [(1, 6), (1, 7), (1, 8), (1, 9), (1, 11)])
def test_each_version_gets_what_it_can_read(shop: Any, version: tuple[int, int]) -> None:
    (made,) = fill("churn", "v1", FILLED["churn"], ontology(shop), Form(version)).definitions
    assert ("time_granularity" in made) is (version >= (1, 9))
    assert ("config" in made) is (version >= (1, 8))
    if version == (1, 6):
        with pytest.raises(UserError) as raised:
            fill("conversion", "v1", FILLED["conversion"], ontology(shop), Form(version))
        assert raised.value.problem.code == "DM2364"


def test_metrics_of_dbt_1_12_nest_nothing(shop: Any) -> None:
    asked = Asked(base="visits_made", conversion="orders", entity="customer", window="7 days", conversion_filter="x")
    shop.metric("visits_made", measure={"name": "visit_count"})
    made = unnested(fill("conversion", "v1", asked, ontology(shop), Form((1, 12))).definitions[-1])
    assert {key: made[key] for key in ("type", "entity", "base_metric", "conversion_metric", "window")} == {
        "type": "conversion",
        "entity": "customer",
        "base_metric": "visits_made",
        "conversion_metric": {"name": "orders", "filter": "x"},
        "window": "7 days",
    }
    made = unnested(fill("growth", "v1", FILLED["growth"], ontology(shop), Form((1, 12))).definitions[-1])
    assert "type_params" not in made
    assert [one["name"] for one in made["input_metrics"]] == ["revenue", "revenue"]


def test_a_project_with_measures_keeps_their_form_in_dbt_1_12(shop: Any) -> None:
    shop.manifest["metadata"]["dbt_version"] = "1.12.6"
    assert "type_params" in new_metric(Source(shop), "aov", "v1", FILLED["aov"]).definitions[-1]
    asked = Asked(numerator="revenue", denominator="orders")
    assert "type_params" not in new_metric(Source(shop), "aov", "v1", asked, dbt_version="1.12").definitions[-1]


ONE = {"name": "m1", "type": "simple"}
TEXTS = {
    "nothing": "",
    "other keys": "version: 2\n\n# Kept.\nmodels:\n  - name: a\n",
    "a list": "metrics:\n  - name: a\n    type_params:\n      measure: x   # kept\n\n# The end.\n",
    "a list that is followed": "metrics:\n  - name: a\n    filter: |\n      b\n\n  # of a\nsaved_queries:\n  - name: q\n",
    "a list without indentation": "metrics:\n- name: a\n- name: b\nmodels:\n- name: c\n",
    "an empty key": "version: 2\nmetrics:\nmodels:\n  - name: c\n",
    "no line end": "metrics:\n  - name: a",
    "items on one line": "metrics:\n  - {name: a, type: simple}\n",
}


@pytest.mark.parametrize("title", TEXTS)
def test_a_metric_is_put_at_the_end_of_the_list(title: str) -> None:
    before = TEXTS[title]
    text, line = appended(before, [ONE, {**ONE, "name": "m2"}], "f.yml")
    kept = iter(text.splitlines())
    assert all(written in kept for written in before.splitlines()), "every line stays, in its order"
    assert text.splitlines()[line - 1].strip() == "- name: m1"
    after = YAML(typ="safe", pure=True).load(text)
    old = YAML(typ="safe", pure=True).load(before) or {}
    assert [m["name"] for m in after["metrics"]] == [*(m["name"] for m in old.get("metrics") or ()), "m1", "m2"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("metrics:\n  - name: a\n    type: simple\n  - label: M\n    name: m1\n", 4),
        ("models:\n  - name: orders\n  - name: customers\n    metrics:\n      - name: m1\n", 5),
        ("metrics: [{name: m1}]\n", 1),
    ],
)
def test_a_name_that_the_file_has_already_is_refused_at_its_line(text: str, line: int) -> None:
    with pytest.raises(UserError, match=r"there is a metric `m1` in f\.yml already") as raised:
        appended(text, [{**ONE, "name": "m2"}, ONE], "f.yml")
    problem = raised.value.problem
    assert problem.code == "DM2363"
    assert problem.where is not None
    assert (problem.where.file, problem.where.line) == ("f.yml", line)


@pytest.mark.parametrize(
    "text", ["metrics: [{name: a}]\n", "metrics: []\n", "- a\n", "metrics: {a: b}\n", "metrics:\n  - name: [\n", "metrics: &x\n  - *x\n"]
)
def test_a_file_that_can_not_take_it_stays(text: str) -> None:
    with pytest.raises(UserError) as raised:
        appended(text, [ONE], "f.yml")
    assert raised.value.problem.code == "DM2365"
