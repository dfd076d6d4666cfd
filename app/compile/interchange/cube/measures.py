"""Measures of cubes."""

from __future__ import annotations

import re

from app.compile.interchange.cube.words import member_words
from app.compile.interchange.datasets import Dataset
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.metrics import Source
from app.compile.interchange.templated import Template, template_code
from app.compile.interchange.tree import Tree, unread
from app.errors import UserError
from app.model.expr import Column, Expr
from app.model.types import Aggregation
from app.sql.expressions.aggregates import AGGREGATE, ONE, Aggregate, Calculation, only_where
from app.sql.expressions.walk import conjunction

_KNOWN = frozenset(
    {
        *("name", "sql", "type", "title", "description", "filters", "rolling_window", "drill_members", "format", "meta", "public", "shown"),
        *("multi_stage", "time_shift", "group_by", "reduce_by", "add_group_by", "case", "order_by"),
    }
)
_AGGREGATIONS = {
    "count": Aggregation.COUNT,
    "count_distinct": Aggregation.COUNT_DISTINCT,
    "count_distinct_approx": Aggregation.COUNT_DISTINCT,
    "sum": Aggregation.SUM,
    "avg": Aggregation.AVERAGE,
    "min": Aggregation.MIN,
    "max": Aggregation.MAX,
}
_CALCULATED = ("number", "number_agg", "string", "time", "boolean")
_STAGES = ("group_by", "reduce_by", "add_group_by", "case", "order_by")
_SPAN = re.compile(r"(\d+)\s+(minute|hour|day|week|month|quarter|year)s?")
_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def read_measure(drafting: Drafting, dataset: Dataset, tree: Tree, template: Template) -> None:
    """Take a measure in; what of it a metric can't have is reported."""
    name, findings = tree.text("name"), drafting.findings
    subject = f"measure `{dataset.name}.{name}`"
    for key, entry in unread(tree, _KNOWN):
        findings.lost(subject, f"`{key}` is not part of the format as it is known here", f"`{key}`", entry.where)
    if tree.items("drill_members"):
        findings.lost(subject, "dbt has no drill members", "`drill_members`", tree.place("drill_members"))
    if tree.truth("public") is False or tree.truth("shown") is False:
        findings.changed(subject, "dbt has no hidden metrics before 1.12", "it is listed", tree.where)
    try:
        calculation = _calculation(tree, template, drafting.dialect)
        source = Source(name, subject, tree.where, dataset, calculation, member_words(tree))
        _accumulate(source, tree.get("rolling_window"))
        _shift(source, tree.items("time_shift"), dataset)
    except UserError as error:
        findings.refused(error, subject, "the measure", tree.place("sql"))
        return
    drafting.metrics.add(source)


def _calculation(tree: Tree, template: Template, dialect: str) -> Calculation:
    """What a measure aggregates. Raises UserError."""
    kind = _SNAKE.sub("_", tree.text("type")).lower()
    stages = [key for key in _STAGES if tree.get(key) is not None]
    if stages:
        raise template_code(f"it is calculated in several stages (`{stages[0]}`)")
    conditions = [template.expression(condition.text("sql"), dialect) for condition in tree.items("filters")]
    if kind in _CALCULATED:
        if conditions:
            raise template_code(f"a measure of type `{kind}` has filters, which apply to no aggregation")
        return template.calculation(tree.text("sql"), dialect)
    if kind not in _AGGREGATIONS:
        raise template_code(f"measures of type `{kind}` have no place in dbt")
    agg = _AGGREGATIONS[kind]
    if not tree.text("sql") and agg is not Aggregation.COUNT:
        raise template_code("it has no `sql`")
    expr: Expr = template.expression(tree.text("sql"), dialect) if tree.text("sql") else ONE
    made = Aggregate(agg, expr, approximate=kind == "count_distinct_approx", rows=not tree.text("sql"))
    condition = conjunction(*conditions)
    return Calculation(Column("0", AGGREGATE), (made if condition is None else only_where(condition, made),))


def _accumulate(source: Source, window: Tree | None) -> None:
    """`rolling_window` as the window of a cumulative metric. Raises UserError for windows that dbt does not have."""
    if window is None:
        return
    if window.text("type") == "to_date":
        source.to_date = window.text("granularity")
        return
    leading, trailing = window.text("leading"), window.text("trailing")
    if window.text("offset") == "start" or leading not in ("", "0", "0 day", "0 days"):
        raise template_code("its window does not end with the period itself")
    if trailing == "unbounded":
        source.everything = True
        return
    span = _SPAN.fullmatch(trailing)
    if span is None:
        raise template_code(f"its window trails by `{trailing}`")
    source.window = f"{span[1]} {span[2]}{'s' if span[1] != '1' else ''}"


def _shift(source: Source, shifts: list[Tree], dataset: Dataset) -> None:
    """`time_shift` as the offset of an input. Raises UserError for shifts that dbt does not have."""
    if not shifts:
        return
    shift = shifts[0]
    span = _SPAN.fullmatch(shift.text("interval"))
    named = shift.text("time_dimension").rpartition(".")[2]
    if len(shifts) > 1 or shift.text("type") != "prior" or span is None:
        raise template_code("it is shifted in time other than back by one interval")
    if named and dataset.times and dataset.dimensions.get(named) != dataset.times[0]:
        raise template_code(f"it is shifted by `{named}`, by which its metrics are not taken")
    source.offset = f"{span[1]} {span[2]}{'s' if span[1] != '1' else ''}"
