"""Joins that others write as SQL: equalities between the columns of two datasets."""

from __future__ import annotations

from collections.abc import Mapping

from app.compile.interchange.datasets import Dataset
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.homes import Homes, Misplaced
from app.compile.interchange.templated import Template
from app.compile.interchange.tree import Tree
from app.errors import UserError
from app.model.expr import Binary, Column, Expr, Field
from app.sql.expressions.walk import conjuncts

_RELATIONSHIPS = {
    "many_to_one": "many_to_one",
    "one_to_many": "one_to_many",
    "one_to_one": "one_to_one",
    "belongs_to": "many_to_one",
    "belongsTo": "many_to_one",
    "has_many": "one_to_many",
    "hasMany": "one_to_many",
    "has_one": "one_to_one",
    "hasOne": "one_to_one",
}


def read_join(drafting: Drafting, datasets: Mapping[str, Dataset], dataset: str, tree: Tree, template: Template) -> None:
    """Draft a join, with `name`, `sql` and `relationship`, of a dataset; one that is no equality of columns is reported."""
    name, findings = tree.text("name"), drafting.findings
    subject, here, other = f"join of `{dataset}` to `{name}`", datasets[dataset], datasets.get(name)
    relationship = _RELATIONSHIPS.get(tree.text("relationship"), "")
    if other is None or not relationship:
        reason = f"there is no `{name}` in the files" if other is None else f"the relationship `{tree.text('relationship')}` is not known"
        findings.lost(subject, reason, "the join", tree.where, code="DM2659" if other is None else "DM2653")
        return
    try:
        condition = template.expression(tree.text("sql"), drafting.dialect)
        pairs = [_pair(part, here, other, Homes(drafting.datasets)) for part in conjuncts(condition)]
    except UserError as error:
        findings.refused(error, subject, "the join", tree.place("sql"))
        return
    except Misplaced as error:
        findings.lost(subject, str(error), "the join", tree.place("sql"), code=error.code)
        return
    if relationship == "one_to_many":
        drafting.datasets.relation(other, here, [(b, a) for a, b in pairs], subject, tree.where)
    else:
        drafting.datasets.relation(here, other, pairs, subject, tree.where)


def _pair(condition: Expr, here: Dataset, other: Dataset, homes: Homes) -> tuple[Expr, Expr]:
    """The two sides of an equality, that of `here` first. Raises Misplaced."""
    if not (isinstance(condition, Binary) and condition.op == "="):
        raise Misplaced("a join goes by columns that are equal")
    sides = {}
    for side in (condition.left, condition.right):
        if not isinstance(side, Column | Field):
            raise Misplaced("a join goes by columns that are equal")
        owner = homes.owner(side, here)
        sides[owner.name] = homes.own(side, here)
    if set(sides) != {here.name, other.name}:
        raise Misplaced("a join is between the columns of its two tables")
    return sides[here.name], sides[other.name]
