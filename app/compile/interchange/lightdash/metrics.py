"""Metrics of Lightdash."""

from __future__ import annotations

from collections.abc import Mapping

from app.compile.interchange.datasets import Dataset
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.lightdash.filters import read_filters
from app.compile.interchange.lightdash.words import words_of
from app.compile.interchange.metrics import Source
from app.compile.interchange.templated import Template, template_code
from app.compile.interchange.tree import Tree, unread
from app.errors import UserError
from app.model.expr import Column
from app.model.types import Aggregation
from app.sql.expressions.aggregates import AGGREGATE, Aggregate, Calculation, only_where
from app.sql.expressions.walk import conjunction

_KNOWN = frozenset(
    {
        *(
            "type",
            "sql",
            "label",
            "description",
            "filters",
            "format",
            "percentile",
            "hidden",
            "ai_hint",
            "round",
            "compact",
            "separator",
            "groups",
        ),
        *("tags", "urls", "show_underlying_values", "spotlight", "group_label"),
    }
)
_AGGREGATIONS = {
    "sum": Aggregation.SUM,
    "count": Aggregation.COUNT,
    "count_distinct": Aggregation.COUNT_DISTINCT,
    "average": Aggregation.AVERAGE,
    "min": Aggregation.MIN,
    "max": Aggregation.MAX,
    "median": Aggregation.MEDIAN,
    "percentile": Aggregation.PERCENTILE,
}
_CALCULATED = ("number", "string", "date", "timestamp", "boolean")


def template(model: str, aliases: Mapping[str, str] | None = None) -> Template:
    """The braces of a model: `TABLE` and its own name are the model itself."""
    return Template(frozenset({"TABLE", model}), {model: "", **(aliases or {})})


def read_metric(drafting: Drafting, dataset: Dataset, name: str, tree: Tree, column: str) -> None:
    """Take a metric in; `column` is the one at which it stands, "" at the model."""
    findings, subject = drafting.findings, f"metric `{dataset.name}.{name}`"
    for key, entry in unread(tree, _KNOWN):
        findings.lost(subject, f"`{key}` has no place in dbt's metrics", f"`{key}`", entry.where)
    if tree.truth("hidden"):
        findings.changed(subject, "dbt has no hidden metrics before 1.12", "it is listed", tree.where)
    try:
        calculation = _calculation(tree, template(dataset.name), drafting.dialect, column)
    except UserError as error:
        findings.refused(error, subject, "the metric", tree.place("sql"))
        return
    drafting.metrics.add(Source(name, subject, tree.where, dataset, calculation, words_of(tree)))


def _calculation(tree: Tree, braces: Template, dialect: str, column: str) -> Calculation:
    """What a metric aggregates. Raises UserError."""
    kind, sql = tree.text("type"), tree.text("sql")
    conditions = read_filters(tree.items("filters"))
    if kind in _CALCULATED:
        if conditions:
            raise template_code(f"a metric of type `{kind}` has filters, which apply to no aggregation")
        return braces.calculation(sql, dialect)
    if kind not in _AGGREGATIONS:
        raise template_code(f"metrics of type `{kind}` are calculated after the query, which dbt does not have")
    if not sql and not column:
        raise template_code("it has no `sql`")
    expr = braces.expression(sql, dialect) if sql else Column(column)
    agg = _AGGREGATIONS[kind]
    share: float | None = None
    if agg is Aggregation.PERCENTILE:
        written = tree.get("percentile")
        share = float(written.value) / 100 if written is not None and isinstance(written.value, int | float) else 0.5
    made = Aggregate(agg, expr, round(share, 12) if share is not None else None)
    condition = conjunction(*conditions)
    return Calculation(Column("0", AGGREGATE), (made if condition is None else only_where(condition, made),))
