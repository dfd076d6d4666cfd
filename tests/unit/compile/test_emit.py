"""The `ontology/` tree and the training items: deterministic, readable back, and without what is guarded."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from app.compile.emit.training import training_items
from app.compile.emit.tree import emit
from app.compile.emit.yaml_text import dump
from app.compile.formula import formula
from app.model.records import Example, TrainingKind

EXAMPLES = (Example("What was the revenue?", "SELECT 1\nFROM orders", "revenue"), Example("How many?", "SELECT 2", "how_many"))


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def layer(project: Any) -> Any:
    project.orders()
    orders = project.manifest["nodes"]["model.shop.orders"]
    orders["config"]["meta"] = {"datamind": {"row_filters": [{"name": "secret_rule", "filter": "status = 'secret_value'"}]}}
    orders["columns"]["status"]["meta"] = {"datamind": {"pii": "email"}}
    orders["columns"]["amount"]["meta"] = {"datamind": {"deny": True}}
    orders["columns"]["id"]["description"] = "The key,\nof course."
    project.generic_test("accepted_values", "orders", "status", values=["ann@example.com"])
    project.generic_test("accepted_values", "orders", "id", values=["1"])
    project.model("closed")["config"]["meta"] = {"datamind": "deny"}
    revenue = project.manifest["metrics"]["metric.shop.revenue"]
    revenue |= {
        "label": "Revenue: net",
        "description": "What was paid.\nWithout tax.",
        "config": {"meta": {"datamind": {"synonyms": ["sales", "turnover"], "unit": "EUR"}}},
    }
    return project.compile().layer


def test_the_tree(project: Any) -> None:
    files = {name: text for name, text in emit(layer(project), EXAMPLES).items() if not name.endswith(".json")}
    assert sorted(files) == [
        "dimensions.yaml", "entities.yaml", "glossary.yaml", "metrics.yaml",
        "training/ddl.yaml", "training/documentation.yaml", "training/question_sql.yaml",
    ]  # fmt: skip
    assert all(text.startswith("# ") and text.endswith("\n") and "shop" in text.splitlines()[1] for text in files.values())
    orders, revenue = load(files["metrics.yaml"])["metrics"]
    assert orders["formula"] == "count(id)"
    assert (revenue["formula"], revenue["label"], revenue["synonyms"], revenue["unit"]) == (
        "sum(amount)",
        "Revenue: net",
        ["sales", "turnover"],
        "EUR",
    )
    assert revenue["description"] == "What was paid.\nWithout tax."
    assert [d["name"] for d in load(files["dimensions.yaml"])["dimensions"]] == ["order__ordered_at", "order__status"]
    assert load(files["entities.yaml"])["entities"][0]["semantic_models"] == [
        {"name": "orders", "type": "primary", "key": "id", "model": "orders"}
    ]
    assert {t["term"] for t in load(files["glossary.yaml"])["terms"]} == {"Revenue: net", "sales", "turnover"}
    assert [i["question"] for i in load(files["training/question_sql.yaml"])["items"]] == ["How many?", "What was the revenue?"]


def test_nothing_guarded_is_shown(project: Any) -> None:
    compiled = layer(project)
    written = [text for name, text in emit(compiled, EXAMPLES).items() if not name.endswith(".json")]
    everything = "\n".join(written) + "\n".join(item.content for item in training_items(compiled, EXAMPLES))
    for hidden in ("secret_rule", "secret_value", "ann@example.com", "row_filter", "closed"):
        assert hidden not in everything
    ddl = next(item for item in training_items(compiled, ()) if item.kind is TrainingKind.DDL)
    assert (
        ddl.content == "create table marts.orders (\n  id other,  -- The key, of course. One of: 1\n  status other,\n  ordered_at other\n)"
    )


def test_dimensions_over_denied_columns_are_no_training_items(project: Any) -> None:
    project.model("orders")["columns"]["status"]["meta"] = {"datamind": {"deny": True}}
    project.semantic_model()
    assert [i.subject for i in training_items(project.compile().layer, ()) if i.kind is TrainingKind.DOCUMENTATION] == [
        "dimension.orders.ordered_at"
    ]


def test_equal_projects_give_equal_bytes(project: Any) -> None:
    first = emit(layer(project), EXAMPLES)
    for section, nodes in project.manifest.items():
        if section != "metadata":
            pairs = list(nodes.items())
            random.Random(7).shuffle(pairs)
            project.manifest[section] = dict(pairs)
    assert emit(project.compile().layer, tuple(reversed(EXAMPLES))) == first


def test_ids_are_of_the_content(project: Any) -> None:
    before = {item.subject: item.id for item in training_items(layer(project), ()) if item.subject}
    project.manifest["metrics"]["metric.shop.revenue"]["description"] = "Another."
    after = {item.subject: item.id for item in training_items(project.compile().layer, ()) if item.subject}
    assert {subject for subject in before if before[subject] != after[subject]} == {"metric.revenue"}


TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        "yes",
        "null",
        "1",
        "1e3",
        "- a",
        "a: b",
        "a #b",
        "a\nb",
        " a\nb",
        "a\n",
        "\n",
        "a\n\nb",
        "0x1",
        "~",
        "a  b",
        "2026-01-01",
        "e5",
        "12:30",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(TEXTS.filter(bool), TEXTS.filter(bool) | st.integers(0, 10**6) | st.lists(TEXTS, min_size=1, max_size=4), max_size=5)
)
def test_what_is_written_reads_back(value: dict[str, Any]) -> None:
    assert load(dump(value, "header")) == value


@pytest.mark.parametrize(
    ("kind", "params", "text"),
    [
        (
            "simple",
            {"measure": {"name": "amount"}, "filter": "{{ Dimension('order__status') }} in ('a', 'b')"},
            "sum(amount) where order__status in ('a', 'b')",
        ),
        ("ratio", {"numerator": {"name": "revenue"}, "denominator": {"name": "orders"}}, "revenue / orders"),
        (
            "cumulative",
            {"measure": {"name": "amount"}, "cumulative_type_params": {"window": {"count": 7, "granularity": "day"}}},
            "sum(amount) over 7 days",
        ),
        (
            "cumulative",
            {"measure": {"name": "amount"}, "cumulative_type_params": {"grain_to_date": "month"}},
            "sum(amount) since the start of the month",
        ),
        ("cumulative", {"measure": {"name": "amount"}}, "sum(amount) over all time"),
        (
            "derived",
            {
                "expr": "(revenue - before) / nullif(before, 0)",
                "metrics": [
                    {"name": "revenue"},
                    {"name": "revenue", "alias": "before", "offset_window": {"count": 1, "granularity": "year"}},
                ],
            },
            "(revenue - before) / nullif(before, 0) with before = revenue 1 year before",
        ),
        (
            "conversion",
            {
                "conversion_type_params": {
                    "entity": "order",
                    "base_measure": {"name": "order_count"},
                    "conversion_measure": {"name": "amount"},
                    "window": {"count": 7, "granularity": "day"},
                }
            },
            "conversion_rate of count(id) to sum(amount) per order within 7 days",
        ),
    ],
)
def test_formulas(project: Any, kind: str, params: Any, text: str) -> None:
    project.orders().spine().metric("m", kind, **params)
    ontology = project.compile().layer.ontology
    assert formula(ontology.metric("m"), ontology) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("case when status = 'a' then amount else 0 end", "sum(case when status = 'a' then amount else 0 end)"),
        ("case when not (amount > 1) then 1 end", "sum(case when not (amount > 1) then 1 end)"),
        ("amount * -1", "sum(amount * -1)"),
        ("-amount", "sum(-amount)"),
        (
            "case when status is not null and status not in ('a') then 1 end",
            "sum(case when (status is not null) and (status not in ('a')) then 1 end)",
        ),
        (
            "case when amount between 1 and 2 or status like 'a%' then 1 end",
            "sum(case when (amount between 1 and 2) or (status like 'a%') then 1 end)",
        ),
        ("cast(amount as integer)", "sum(cast(amount as integer))"),
        ("extract(year from ordered_at)", "sum(extract(year from ordered_at))"),
        (
            "case when date_trunc('month', ordered_at) > ordered_at then 1 end",
            "sum(case when date_trunc('month', ordered_at) > ordered_at then 1 end)",
        ),
    ],
)
def test_expressions_as_people_write_them(project: Any, written: str, read: str) -> None:
    project.model("orders")
    project.semantic_model(measures=[{"name": "m", "agg": "sum", "expr": written}])
    project.metric("m", measure={"name": "m"})
    compiled = project.compile()
    assert compiled.problems == ()
    assert formula(compiled.layer.ontology.metric("m"), compiled.layer.ontology) == read


def test_measures_and_inputs_as_people_write_them(project: Any, make_where: Any) -> None:
    project.spine().model("orders")
    project.semantic_model(
        measures=[
            {"name": "d", "agg": "count_distinct", "expr": "id"},
            {"name": "p", "agg": "percentile", "expr": "amount", "agg_params": {"percentile": 0.9}},
            {"name": "l", "agg": "sum", "expr": "amount", "non_additive_dimension": {"name": "ordered_at", "window_choice": "max"}},
        ]
    )
    paid = make_where("{{ Dimension('order__status') }} = 'paid'")
    for name in ("d", "p", "l"):
        project.metric(name, measure={"name": name, "filter": paid if name == "d" else None})
    project.metric("r", "ratio", numerator={"name": "d", "filter": paid}, denominator={"name": "p", "offset_to_grain": "month"})
    ontology = project.compile().layer.ontology
    assert {metric.name: formula(metric, ontology) for metric in ontology.metrics} == {
        "d": "count(distinct id) where order__status = 'paid'",
        "l": "sum(amount) at the last ordered_at",
        "p": "percentile(amount, 0.9)",
        "r": "(d where order__status = 'paid') / p at the start of the month",
    }
