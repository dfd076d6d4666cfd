"""Expressions of OSI: one of several dialects, over the fields of datasets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from app.compile.interchange.datasets import Dataset
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.tree import Tree
from app.errors import UserError, Where
from app.model.expr import Column, Expr, Field
from app.sql.expressions.aggregates import AGGREGATE, Aggregate, Calculation, parse_calculation
from app.sql.expressions.parse import parse_expression
from app.sql.expressions.walk import columns, replace_leaves

_READERS = {
    "ANSI_SQL": "postgres",
    "OSSIE_SQL_2026": "postgres",
    "SNOWFLAKE": "snowflake",
    "DATABRICKS": "databricks",
    "BIGQUERY": "bigquery",
}
"""The dialects that are read, the best first, and by which reader of ours."""
T = TypeVar("T")


class Expressions:
    """Reads the expressions of one semantic model; names are compared without regard to case, as the specification has it."""

    def __init__(self, drafting: Drafting, datasets: Mapping[str, Dataset]) -> None:
        self.drafting, self.datasets = drafting, datasets

    def field(self, dataset: Dataset, tree: Tree) -> Expr | None:
        """A field's expression over columns of its dataset; None where it can't be read, which is reported."""
        subject = f"field `{dataset.name}.{tree.text('name')}`"
        found = self._read(tree, subject, "the field", parse_expression)
        if found is None:
            return None
        return replace_leaves(found, lambda leaf: _without_table(leaf, dataset))

    def inline(self, dataset: Dataset) -> None:
        """Write out fields that other fields name, unless the table has a column of the name."""
        held = {column.name for column in dataset.model.columns} if dataset.model else set()
        plain = {name: expr for name, expr in dataset.fields.items() if name not in held}

        def resolved(expr: Expr, within: tuple[str, ...]) -> Expr:
            def named(leaf: Expr) -> Expr:
                if isinstance(leaf, Column) and not leaf.table and leaf.name in plain and leaf.name not in within:
                    return resolved(plain[leaf.name], (*within, leaf.name))
                return leaf

            return replace_leaves(expr, named)

        for name, expr in list(dataset.fields.items()):
            dataset.fields[name] = resolved(expr, (name,))

    def metric(self, tree: Tree, metrics: Collection[str]) -> Calculation | None:
        """A metric's calculation; None where it can't be read, which is reported."""
        found = self._read(tree, f"metric `{tree.text('name')}`", "the metric", parse_calculation)
        if found is None:
            return None
        fields = [self._field_of(column) for aggregate in found.aggregates for column in columns(aggregate.expr)]
        known = {column: field for column, field in fields if field is not None}

        def within(leaf: Expr) -> Expr:
            return known.get(leaf, leaf) if isinstance(leaf, Column) else leaf

        def outside(leaf: Expr) -> Expr:
            if not isinstance(leaf, Column) or leaf.table == AGGREGATE:
                return leaf
            return Field(leaf.name, "member") if leaf.name in metrics and not leaf.table else leaf

        aggregates = tuple(
            Aggregate(a.agg, replace_leaves(a.expr, within), a.percentile, a.discrete, a.approximate, a.rows) for a in found.aggregates
        )
        return Calculation(replace_leaves(found.expr, outside), aggregates)

    def _field_of(self, column: Column) -> tuple[Column, Expr | None]:
        """The field that a column of a metric means: of the dataset that it names, or the only one that has it."""
        owners = [d for d in self.datasets.values() if column.table.lower() in ("", d.name.lower())]
        fields = [(owner, name) for owner in owners for name in owner.fields if name.lower() == column.name.lower()]
        if len(fields) == 1:
            return column, Field(fields[0][1], "member", (fields[0][0].name,))
        if column.table and len(owners) == 1:
            return column, Column(column.name, owners[0].name)
        return column, None

    def _read(self, tree: Tree, subject: str, lost: str, read: Callable[[str, str], T]) -> T | None:
        """The expression in the best dialect that there is."""
        findings = self.drafting.findings
        written = {d.text("dialect") or "ANSI_SQL": d for d in tree.items("expression", "dialects")}
        dialect = next((name for name in _READERS if name in written), "")
        where = tree.place("expression")
        if not dialect:
            reason = f"it is written in {', '.join(written)} only" if written else "it has no expression"
            findings.lost(subject, reason, lost, where, code="DM2654")
            return None
        found = written[dialect]
        place: Where = found.place("expression")
        if len(written) > 1:
            others = ", ".join(name for name in written if name != dialect)
            findings.assumed(subject, f"it is read as {dialect} has it, and what {others} would have is left aside", place)
        elif _READERS[dialect] != self.drafting.dialect and dialect not in ("ANSI_SQL", "OSSIE_SQL_2026"):
            findings.assumed(subject, f"it is read as {dialect} has it, and means the same here", place)
        try:
            return read(found.text("expression"), _READERS[dialect])
        except UserError as error:
            findings.refused(error, subject, lost, place)
            return None


def _without_table(leaf: Expr, dataset: Dataset) -> Expr:
    """A column of the dataset, which fields need not say."""
    return Column(leaf.name) if isinstance(leaf, Column) and leaf.table.lower() == dataset.name.lower() else leaf
