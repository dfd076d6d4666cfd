"""The location index: every problem points at the line that causes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.compile.locations import LocationIndex
from app.compile.yaml_scan import scan
from app.compile.yaml_tree import YamlNode, compose
from app.errors import Where

ROOT = Path(__file__).resolve().parents[3]

SEMANTIC = """\
version: 2

# a comment: with a colon
semantic_models:
- name: orders   # the orders
  description: |
    - name: not_a_thing
      metrics:
  model: ref('orders')
  entities:
    - {name: order, type: primary, expr: id}
  dimensions:
    - name: "status"
      type: categorical
      expr: 'upper(status'
    -
      name: ordered_at
      description: >-
        folded: text
      type: time
  measures:
      - name: amount
        agg: sum
        expr: amount + (

metrics:
  - name: revenue
    type: simple
    description: "several lines
      - name: trap
      of text"
    type_params: {measure: amount}
    filter: |
      {{ Dimension('order__status') }} = 'x'
  - type: derived
    name: growth
    type_params:
      expr: a - b
      metrics:
      - name: revenue
        alias: a
models:
  - name: orders
    config: {meta: {datamind: {row_filters: [{name: f, filter: "nope = 1"}]}}}
    columns:
      - name: id
        meta:
          datamind:
            pii: true
sources:
  - name: shop
    tables:
      - name: customers
        columns: [{name: id}]
"""

NEW_STYLE = """\
models:
  - name: orders
    semantic_model:
      name: sales
    columns:
      - name: id
        entity:
          type: primary
          name: order
      - name: status
        dimension: {type: categorical}
    metrics:
      - name: revenue
        agg: sum
"""


def flat(node: YamlNode, path: str = "") -> dict[str, tuple[int, int]]:
    found = {path: (node.line, node.column)}
    for key, entry in node.entries.items():
        found |= flat(entry, f"{path}/{key}")
    return found


def yaml_files() -> list[Path]:
    return sorted(
        path for path in (ROOT / "dbt_project").rglob("*.yml") if path.is_file() and not {"target", "dbt_packages"} & set(path.parts)
    )


@pytest.mark.parametrize("text", [SEMANTIC, NEW_STYLE, *(path.read_text(encoding="utf-8") for path in yaml_files())])
def test_the_scanner_sees_what_the_composer_sees(text: str) -> None:
    exact = compose(text)
    assert exact is not None
    precise, quick = flat(exact), flat(scan(text))
    assert {path: place for path, place in quick.items() if path} == {path: precise.get(path) for path in quick if path}
    flow = [path for path in precise if path not in quick]
    assert all(any(path.startswith(leaf + "/") for leaf in quick if leaf) for path in flow)


@pytest.mark.parametrize(
    ("key", "path", "line", "column"),
    [
        ("semantic_model.orders", "", 5, 3),
        ("entity.orders.order", "", 11, 7),
        ("entity.orders.order", "expr", 11, 42),
        ("dimension.orders.status", "", 13, 7),
        ("dimension.orders.status", "expr", 15, 13),
        ("dimension.orders.ordered_at", "", 17, 7),
        ("measure.orders.amount", "expr", 24, 15),
        ("metric.revenue", "", 27, 5),
        ("metric.revenue", "type_params/measure", 32, 28),
        ("metric.revenue", "nowhere/at/all", 27, 5),
        ("metric.growth", "", 35, 5),
        ("metric.growth", "type_params/expr", 38, 13),
        ("metric.growth", "type_params/metrics/0/alias", 41, 16),
        ("model.orders", "config/meta/datamind/row_filters/0/filter", 44, 64),
        ("model.orders", "columns/id/config/meta/datamind", 49, 13),
        ("column.orders.id", "", 46, 9),
        ("model.shop.customers", "", 53, 9),
        ("column.shop.customers.id", "", 54, 19),
    ],
)
def test_places(key: str, path: str, line: int, column: int) -> None:
    index = LocationIndex({"m.yml": SEMANTIC})
    assert index.where(key, "m.yml", path) == Where("m.yml", line, column)


def test_the_yaml_of_dbt_1_12() -> None:
    index = LocationIndex({"m.yml": NEW_STYLE})
    assert index.where("semantic_model.sales", "m.yml") == Where("m.yml", 4, 7)
    assert index.where("entity.sales.order", "m.yml") == Where("m.yml", 8, 11)
    assert index.where("dimension.sales.status", "m.yml") == Where("m.yml", 11, 20)
    assert index.where("metric.revenue", "m.yml", "agg") == Where("m.yml", 14, 14)


def test_what_is_not_there_is_the_file_alone() -> None:
    index = LocationIndex({"m.yml": SEMANTIC, "x.sql": "select"})
    assert index.where("metric.nope", "m.yml") == Where("m.yml")
    assert index.where("metric.revenue", "other.yml") == Where("other.yml")
    assert index.where("model.x", "x.sql") == Where("x.sql")
    assert index.where("model.x", "") is None


def test_all_keys() -> None:
    keys = dict(LocationIndex({"b.yml": SEMANTIC, "a.yml": "metrics:\n  - name: revenue\n", "c.yml": "nothing: here\n"}).all())
    assert keys["metric.revenue"].file == "a.yml"
    assert "measure.orders.amount" in keys
    assert "column.shop.customers.id" not in keys
    assert list(keys) == sorted(keys)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "- ",
        "-",
        ": x",
        "a:\n\t- b",
        "{",
        "'",
        "a: &x [*x]\n",
        "- - - a: b\n",
        "a: b: c\n",
        "? x\n: y\n",
        "\x00",
        "a:\n" * 50 + "  b: |\n",
    ],
)
def test_odd_texts_are_no_harm(text: str) -> None:
    scan(text)
    compose(text)
    LocationIndex({"m.yml": text}).where("metric.x", "m.yml", "a/b")


def test_problems_point_into_the_text(project: Any) -> None:
    project.model("orders")
    project.semantic_model(measures=[{"name": "amount", "agg": "sum", "expr": "amount + unknown_function(1)"}])
    project.files["models/semantic.yml"] = (
        "semantic_models:\n  - name: orders\n    measures:\n      - name: amount\n        agg: sum\n        expr: amount + unknown_function(1)\n"
    )
    (problem,) = project.compile().problems
    assert (problem.where.file, problem.where.line) == ("models/semantic.yml", 6)
    assert problem.where.column in (15, 24)
    assert "measure `amount`" in problem.message


def test_problems_are_sorted_by_place(project: Any) -> None:
    project.orders()
    for name in ("z", "y"):
        project.metric(name, measure={"name": "nope"})
    project.files["models/metrics.yml"] = (
        "metrics:\n  - name: z\n    type_params:\n      measure: nope\n  - name: y\n    type_params:\n      measure: nope\n"
    )
    problems = project.compile().problems
    assert [str(p.where) for p in problems] == ["models/metrics.yml:4:16", "models/metrics.yml:7:16"]


def test_packages_lie_under_dbt_packages(project: Any) -> None:
    project.model("orders", package="other")["config"]["meta"] = {"datamind": 1}
    assert next(p for p in project.compile().problems if p.code == "DM2501").where == Where("dbt_packages/other/models/orders.yml")


BLOCKS = """\
metrics:
  - name: literal
    filter: |
      {{ Dimension('order__status') }} = 'x'
        and (select 1) = 1
  - name: folded
    filter: >-
      {{ Dimension('order__status') }} = 'x'
      and (select 1) = 1
  - name: quoted
    filter: "1 = (select 1)"
  - name: listed
    filter:
      - "a = 1"
      - '{{ Dimension(''b'') }} = 2'
  - name: in_flow
    filter: ["a = 1", "b = 2"]
  - name: rendered
    expr: "a * {{ var('factor') }} + b"
  - name: flat
    expr: a + ( b
    input_metrics:
      - name: a
        offset_window: 1 dya
    grain_to_date: yaer
"""
STATUS = "{{ Dimension('order__status') }} = 'x'"


@pytest.mark.parametrize(
    ("key", "path", "text", "word", "line", "found"),
    [
        ("metric.literal", "filter", f"{STATUS}\n  and (select 1) = 1\n", "Dimension", 4, "Dimension"),
        ("metric.literal", "filter/0", f"{STATUS}\n  and (select 1) = 1\n", "(select", 5, "(select"),
        ("metric.literal", "filter/1", f"{STATUS}\n  and (select 1) = 1\n", "(select", 3, "|"),
        ("metric.folded", "filter", f"{STATUS} and (select 1) = 1", "Dimension", 8, "Dimension"),
        ("metric.folded", "filter", f"{STATUS} and (select 1) = 1", "(select", 9, "(select"),
        ("metric.quoted", "filter", "1 = (select 1)", "(select", 11, "(select"),
        ("metric.listed", "filter/1", "{{ Dimension('b') }} = 2", "= 2", 15, "= 2"),
        ("metric.in_flow", "filter/0", "a = 1", "1", 17, '1", "b'),
        ("metric.in_flow", "filter/1", "b = 2", "2", 17, '2"]'),
        ("metric.rendered", "type_params/expr", "a * 7 + b", "b", 19, '"a *'),
        ("metric.flat", "type_params/expr", "a + ( b", "( b", 21, "( b"),
        ("metric.flat", "type_params/metrics/0/offset_window", "", "", 24, "1 dya"),
        ("metric.flat", "type_params/cumulative_type_params/grain_to_date", "", "", 25, "yaer"),
    ],
)
def test_places_inside_a_text(key: str, path: str, text: str, word: str, line: int, found: str) -> None:
    where = LocationIndex({"m.yml": BLOCKS}).where(key, "m.yml", path, text, text.find(word))
    assert where is not None
    assert where.line == line
    assert BLOCKS.splitlines()[line - 1][where.column - 1 :].startswith(found)
