"""Whether a person may know the values that an approved query compares with: whoever wrote it may see more than whoever is answered by it.

A value is known where the question itself says it, where the person sees the rows and the column that it is of as they are, or where it is among the values that the
project declares or that the index shows this person. What none of these tells is not: a value that is in a row of theirs but in no index is one of those.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from sqlglot import exp

from app.govern.access import ModelAccess
from app.language.drafting.sql_form import held_values
from app.language.inflect import fold
from app.model.expr import And, Between, Binary, Column, Expr, Like, Literal, Not, Or
from app.model.query import SemanticQuery
from app.model.semantics import DimensionType
from app.model.types import DataType
from app.pipeline.turn import ServedLayer
from app.sql.expressions.walk import columns, fields, walk

_RANGES = frozenset({"<", "<=", ">", ">="})
_PLAIN = (DataType.BOOLEAN,)


def knows(query: SemanticQuery, question: str, served: ServedLayer) -> bool:
    """Whether every value of the query's conditions is one that the person of this view may know, who asks this question ("" where they ask none)."""
    said = fold(question)
    compared = (pair for expr in (query.where, query.having) if expr is not None for pair in _compared(expr))
    return all(_is_said(value, said) or value in _shown(name, served) for name, value in compared if _is_restricted(name, served))


def knows_sql(tree: exp.Expr, models: Collection[str], question: str, served: ServedLayer) -> bool:
    """The same of SQL that reads these models: where all are seen as they are every value is, else those that the question says or the index shows."""
    if not any(_limits(served.access.of_sql().of(model)) for model in models):
        return True
    said = fold(question)
    shown = {value for facts in served.lexicon.dimensions.values() for value in facts.values}
    return all(_is_said(value, said) or value in shown for value in held_values(tree))


def _compared(expr: Expr) -> Iterator[tuple[str, str]]:
    """Each dimension or entity of a condition with each value that it is compared with there. Bounds are no values, but of a text."""
    for leaf in _leaves(expr):
        bound = isinstance(leaf, Between) or (isinstance(leaf, Binary) and leaf.op in _RANGES)
        literals = [node for node in walk(leaf) if isinstance(node, Literal) and node.value is not None and node.type not in _PLAIN]
        values = [_text(one, leaf) for one in literals if one.type is DataType.TEXT or not bound]
        yield from ((field.name, value) for field in fields(leaf) if field.kind != "metric" for value in values)


def _leaves(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, And | Or):
        for part in expr.args:
            yield from _leaves(part)
    elif isinstance(expr, Not):
        yield from _leaves(expr.arg)
    else:
        yield expr


def _text(literal: Literal, leaf: Expr) -> str:
    """What is compared with; of a pattern, what it looks for."""
    return str(literal.value).strip("%_") if isinstance(leaf, Like) else str(literal.value)


def _is_said(value: str, said: str) -> bool:
    word = fold(value.strip())
    return not word or re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said) is not None


def _shown(name: str, served: ServedLayer) -> Collection[str]:
    """The values of a dimension that the project says or the index shows this person; those of segments that they see are written for everybody who does."""
    facts = served.lexicon.at_the_end_of(name)
    declared = served.remembered(
        ("values of segments",), lambda: frozenset(pair for one in served.visible.segments for pair in _compared(one.where))
    )
    return {*(facts.values if facts is not None else ()), *(value for field, value in declared if _same_end(field, name))}


def _same_end(one: str, other: str) -> bool:
    return one == other or other.endswith(f"__{one}")


def _is_restricted(name: str, served: ServedLayer) -> bool:
    """Whether the person does not see all values of a dimension or entity as they are; so too where it is not known whose it is."""
    limited = served.remembered(("restricted",), lambda: _restricted(served))
    ends = [limited[end] for end in limited if _same_end(end, name)]
    return any(ends) if ends else not name.startswith("metric_time")


def _restricted(served: ServedLayer) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for model in served.visible.semantic_models:
        rights = served.access.of(model.model)
        for dimension in model.dimensions:
            masked = _masks(dimension.expr, rights)
            hidden = masked or (rights.predicate is not None and dimension.type is not DimensionType.TIME)
            name = model.dunder(dimension.name)
            found[name] = found.get(name, False) or hidden
        for entity in model.entities:
            found[entity.name] = found.get(entity.name, False) or rights.predicate is not None or _masks(entity.expr, rights)
    return found


def _masks(expr: Expr, rights: ModelAccess) -> bool:
    guarded = {*rights.masks, *rights.sizes}
    named = {expr.name} if isinstance(expr, Column) else {one.name for one in columns(expr)}
    return not guarded.isdisjoint(named)


def _limits(rights: ModelAccess) -> bool:
    return rights.restricted or bool(rights.sizes) or bool(rights.denied)
