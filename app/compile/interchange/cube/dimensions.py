"""Dimensions of cubes."""

from __future__ import annotations

from app.compile.interchange.cube.words import member_words
from app.compile.interchange.datasets import Dataset
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.templated import Template, template_code
from app.compile.interchange.tree import Tree, unread
from app.model.expr import Case, Expr, Literal
from app.model.types import DataType

_KNOWN = frozenset({"name", "sql", "type", "title", "description", "primary_key", "public", "shown", "meta", "format", "case"})
_WHY = {
    "granularities": "custom granularities belong to a time spine in dbt",
    "sub_query": "a dimension over another cube's measure is no column of this one",
    "drill_members": "dbt has no drill members",
    "suggest_filter_values": "values are suggested as policies allow",
}


def dimension_expression(tree: Tree, template: Template, dialect: str) -> Expr:
    """A dimension's expression, its members still by name. Raises UserError."""
    if tree.truth("sub_query"):
        raise template_code("it is a subquery over another cube's measure")
    if tree.get("latitude") is not None or tree.text("type") in ("geo", "switch"):
        raise template_code(f"dimensions of type `{tree.text('type')}` have no place in dbt")
    case = tree.get("case")
    if case is not None:
        whens = tuple(
            (template.expression(branch.text("sql"), dialect), _label(branch.get("label"), template, dialect))
            for branch in case.items("when")
        )
        otherwise = case.get("else", "label")
        return Case(whens, None if otherwise is None else _label(otherwise, template, dialect))
    if not tree.text("sql"):
        raise template_code("it has no `sql`")
    return template.expression(tree.text("sql"), dialect)


def read_dimension(drafting: Drafting, dataset: Dataset, tree: Tree) -> None:
    """Draft a dimension whose expression is among the dataset's fields."""
    name, findings = tree.text("name"), drafting.findings
    subject = f"dimension `{dataset.name}.{name}`"
    for key, entry in unread(tree, _KNOWN):
        if key != "sub_query":
            findings.lost(subject, _WHY.get(key, f"`{key}` is not part of the format as it is known here"), f"`{key}`", entry.where)
    if name not in dataset.fields:
        return
    if tree.truth("public") is False or tree.truth("shown") is False:
        findings.assumed(subject, "it is not public, so it serves keys and measures alone", tree.where)
        return
    drafting.datasets.dimension(dataset, name, dataset.fields[name], member_words(tree), tree.where, time=tree.text("type") == "time")


def _label(tree: Tree | None, template: Template, dialect: str) -> Expr:
    if tree is not None and tree.kind == "mapping":
        return template.expression(tree.text("sql"), dialect)
    return Literal(tree.text() if tree is not None else "", DataType.TEXT)
