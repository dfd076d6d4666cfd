"""Conditions that could fail: whether an error of the engine could tell of values that are seen only aggregated.

An engine that fails on a row says that there is such a row, however few there are, and so does one that does not fail. Comparisons of a field with constants can't fail;
arithmetic (by zero, out of range), casts and functions can, and where one stands in a condition it may be evaluated behind any other part of it. So a condition
has either such a node or a protected field, never both.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.govern.access import Access
from app.model.expr import COMPARISONS, And, Between, Binary, Expr, Field, In, IsNull, Like, Literal, Not, Or
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.model.semantics import SemanticModel
from app.sql.expressions.walk import columns, fields, walk

_SURE = (And, Or, Not, In, IsNull, Between, Like, Literal, Field)


def could_tell(query: SemanticQuery, ontology: Ontology, access: Access) -> bool:
    """Whether a condition that the asker wrote could fail depending on values of protected columns, in a query that reads some."""
    having = query.having is not None and _could_fail(query.having)
    return having or (query.where is not None and _could_fail(query.where) and _reads_protected(query.where, ontology, access))


def _could_fail(condition: Expr) -> bool:
    return any(not isinstance(node, _SURE) and not (isinstance(node, Binary) and node.op in COMPARISONS) for node in walk(condition))


def _reads_protected(condition: Expr, ontology: Ontology, access: Access) -> bool:
    """Whether a field of it may be one of a protected column, by its last name in any semantic model; metrics may be made of any."""
    names = frozenset(name for model in ontology.semantic_models for name in _protected(model, access))
    return any(field.kind == "metric" or field.name.split("__")[-1] in names for field in fields(condition))


def _protected(model: SemanticModel, access: Access) -> Iterator[str]:
    sizes = access.of(model.model).sizes
    named = [(one.name, one.expr) for one in model.dimensions] + [(one.name, one.expr) for one in model.entities]
    return (name for name, made_of in named if any(column.name in sizes for column in columns(made_of)))
