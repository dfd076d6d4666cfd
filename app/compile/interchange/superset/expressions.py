"""Superset's SQL: calculated columns, and metrics over columns of either kind."""

from __future__ import annotations

from collections.abc import Collection

from app.compile.interchange.datasets import Dataset
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.templated import JINJA, template_code
from app.compile.interchange.tree import Tree
from app.errors import UserError
from app.model.expr import Column, Expr, Field
from app.sql.expressions.aggregates import AGGREGATE, Aggregate, Calculation, parse_calculation
from app.sql.expressions.parse import parse_expression
from app.sql.expressions.walk import replace_leaves


class Expressions:
    """Reads the expressions of one dataset."""

    def __init__(self, drafting: Drafting, dialect: str, table: str) -> None:
        self.drafting, self.dialect, self.table = drafting, dialect, table

    def column(self, tree: Tree) -> Expr | None:
        """What a column is: itself, or what it is calculated as; None where that can't be read, which is reported."""
        name, text = tree.text("column_name"), tree.text("expression")
        if not text.strip():
            return Column(name)
        try:
            _no_jinja(text)
            return replace_leaves(parse_expression(text, self.dialect), self._own)
        except UserError as error:
            self.drafting.findings.refused(error, f"column `{self.table}.{name}`", "the column", tree.place("expression"))
            return None

    def metric(self, tree: Tree, dataset: Dataset, metrics: Collection[str]) -> Calculation | None:
        """A metric's calculation; None where it can't be read, which is reported."""
        held = {column.name for column in dataset.model.columns} if dataset.model else set()
        calculated = {name for name, expr in dataset.fields.items() if expr != Column(name) and name not in held}

        def within(leaf: Expr) -> Expr:
            own = self._own(leaf)
            return Field(own.name, "member") if isinstance(own, Column) and not own.table and own.name in calculated else own

        def outside(leaf: Expr) -> Expr:
            named = isinstance(leaf, Column) and leaf.table != AGGREGATE and leaf.name in metrics
            return Field(leaf.name, "member") if named and isinstance(leaf, Column) else leaf

        try:
            _no_jinja(tree.text("expression"))
            found = parse_calculation(tree.text("expression"), self.dialect)
        except UserError as error:
            self.drafting.findings.refused(
                error, f"metric `{self.table}.{tree.text('metric_name')}`", "the metric", tree.place("expression")
            )
            return None
        aggregates = tuple(
            Aggregate(a.agg, replace_leaves(a.expr, within), a.percentile, a.discrete, a.approximate, a.rows) for a in found.aggregates
        )
        return Calculation(replace_leaves(found.expr, outside), aggregates)

    def _own(self, leaf: Expr) -> Expr:
        """A column without the table's name before it."""
        return Column(leaf.name) if isinstance(leaf, Column) and leaf.table.lower() == self.table.lower() else leaf


def _no_jinja(text: str) -> None:
    """Raises UserError DM2660 for Jinja."""
    if JINJA.search(text):
        raise template_code("it holds Jinja, which only Superset can fill in")
