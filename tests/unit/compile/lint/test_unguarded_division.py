"""Divisions by what may be zero: found at the divisor, and guarded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find, Mend

RULE = "unguarded-division"
YAML = """metrics:
  - name: aov  # average order value
    type: derived
    type_params:
      expr: {expr}
      metrics: [revenue, orders]
"""


def derived(project: Any, expr: str, written: str | None = None) -> Any:
    inputs = [{"name": "revenue"}, {"name": "orders"}]
    project.orders().metric("aov", "derived", expr=expr, metrics=inputs, description="Average.")
    project.files["models/metrics.yml"] = YAML.replace("{expr}", expr if written is None else written)
    return project


@pytest.mark.parametrize(
    ("expr", "written", "column", "mended"),
    [
        ("revenue / orders", None, 23, "revenue / nullif(orders, 0)"),
        ("revenue / orders", "'revenue / orders'", 24, "'revenue / nullif(orders, 0)'"),
        ("100.0 * revenue / orders  ", '"100.0 * revenue / orders"  # %', 32, '"100.0 * revenue / nullif(orders, 0)"  # %'),
        ("(revenue - orders)/orders", None, 32, "(revenue - orders)/nullif(orders, 0)"),
    ],
)
def test_it_is_found_and_mended(project: Any, find: Find, mend: Mend, expr: str, written: str | None, column: int, mended: str) -> None:
    derived(project, expr, written)
    (problem,) = find(project, RULE)
    assert (problem.code, str(problem.where)) == ("DM2709", f"models/metrics.yml:5:{column}")
    assert mend(project, RULE) == YAML.replace("{expr}", mended)


def test_in_a_block_of_lines(project: Any, find: Find, mend: Mend) -> None:
    derived(project, "revenue\n/ orders\n", "|\n        revenue\n        / orders")
    assert [str(p.where) for p in find(project, RULE)] == ["models/metrics.yml:7:11"]
    assert "        revenue\n        / nullif(orders, 0)\n" in mend(project, RULE)


@pytest.mark.parametrize(
    "expr",
    [
        "revenue / 100",
        "revenue / nullif(orders, 0)",
        "revenue / coalesce(nullif(orders, 0), 1)",
        "revenue / greatest(orders, 1)",
        "case when orders > 0 then revenue / orders end",
        "revenue * orders",
        "revenue / exp(orders)",
    ],
)
def test_what_is_guarded_is_fine(project: Any, find: Find, expr: str) -> None:
    assert find(derived(project, expr), RULE) == []


@pytest.mark.parametrize(
    "expr", ["revenue / (orders - 1)", "revenue / coalesce(orders, 1)", "revenue / greatest(orders, 0)", "revenue / (0)"]
)
def test_what_is_not_guarded_is_found(project: Any, find: Find, expr: str) -> None:
    (problem,) = find(derived(project, expr), RULE)
    assert problem.fix is None


@pytest.mark.parametrize("expr", ["revenue / orders::numeric", "revenue / abs(orders)"])
def test_what_is_more_than_a_name_is_only_told(project: Any, find: Find, expr: str) -> None:
    assert [problem.fix for problem in find(derived(project, expr), RULE)] == [None]


def test_in_flow_style_it_is_only_told(project: Any) -> None:
    from app.compile.lint.rules import RULES
    from app.compile.lint.run import lint

    derived(project, "revenue / orders")
    text = "metrics:\n  - {name: aov, type: derived, type_params: {expr: revenue / orders, metrics: [revenue, orders]}}\n"
    project.files["models/metrics.yml"] = text
    (found,) = lint([rule for rule in RULES if rule.name == RULE], project.compile().linted)
    assert found.edits == ()


def test_of_measures_too(project: Any, find: Find) -> None:
    project.model("orders")
    project.semantic_model(
        measures=[{"name": "price", "agg": "sum", "expr": "amount / id"}, {"name": "cents", "agg": "sum", "expr": "amount / 100"}]
    )
    project.metric("price", measure={"name": "price"})
    assert [problem.message.split(" divides")[0] for problem in find(project, RULE)] == ["measure `price`"]
