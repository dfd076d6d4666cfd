"""Entities whose declarations don't fit: rows can't be joined by keys of other columns or of types that don't compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.compile.report import Place, Report
from app.model.expr import Column, Expr
from app.model.physical import Model
from app.model.semantics import Entity, EntityType, SemanticModel
from app.model.types import DataType
from app.sql.expressions.infer import Types
from app.sql.expressions.walk import key_parts
from app.sql.joins.keys import Misfit, family, misfit


def check_keys(semantic_models: Sequence[SemanticModel], models: Mapping[str, Model], report: Report) -> None:
    """Say of each pair that shares an entity and could be joined by it why it is not: DM2331 another number or order of columns, DM2332 types."""
    holders: dict[str, list[tuple[SemanticModel, Entity]]] = {}
    for semantic_model in semantic_models:
        for entity in semantic_model.entities:
            holders.setdefault(entity.name, []).append((semantic_model, entity))
    types = {semantic_model.name: _types(models.get(semantic_model.model)) for semantic_model in semantic_models}
    for held in holders.values():
        for (one, own), (other, key) in _joined(held):
            found = misfit(own.expr, key.expr, types[one.name], types[other.name])
            if found is None:
                continue
            said = f"entity `{own.name}` can't join `{one.name}` to `{other.name}`"
            there = report.locations.where(f"entity.{other.name}.{key.name}", other.file, "expr")
            why = _why(found, (one, own), (other, key), types)
            hint = (
                "give the columns that correspond the same place in both"
                if found is not Misfit.TYPE
                else "cast one of them in its `expr`, or mend the `data_type` that is declared"
            )
            report.error(
                "DM2332" if found is Misfit.TYPE else "DM2331",
                f"{said}: {why}{f' ({there})' if there else ''}; the join is left out",
                Place(f"entity.{one.name}.{own.name}", one.file, "expr"),
                hint,
            )


def _joined(
    held: Sequence[tuple[SemanticModel, Entity]],
) -> Iterable[tuple[tuple[SemanticModel, Entity], tuple[SemanticModel, Entity]]]:
    """Each declaration with each to which it leads; of two that lead to each other one pair."""
    for number, (one, own) in enumerate(held):
        for position, (other, key) in enumerate(held):
            if one is other or key.type is EntityType.FOREIGN:
                continue
            if own.type is EntityType.FOREIGN or number < position:
                yield (one, own), (other, key)


def _why(found: Misfit, one: tuple[SemanticModel, Entity], other: tuple[SemanticModel, Entity], types: Mapping[str, Types]) -> str:
    (left, own), (right, key) = one, other
    mine, theirs = key_parts(own.expr), key_parts(key.expr)
    match found:
        case Misfit.NUMBER:
            return f"it is {_counted(mine)} in `{left.name}` and {_counted(theirs)} in `{right.name}`"
        case Misfit.ORDER:
            return f"it is {_listed(mine)} in `{left.name}` and {_listed(theirs)} in `{right.name}`"
    for a, b in zip(mine, theirs, strict=True):
        first, second = family(a, types[left.name]), family(b, types[right.name])
        if first and second and first != second:
            return f"{_named(a)} of `{left.name}` is a {first} and {_named(b)} of `{right.name}` a {second}"
    return "their types differ"


def _counted(parts: Sequence[Expr]) -> str:
    return f"{len(parts)} columns" if len(parts) > 1 else "one column"


def _listed(parts: Sequence[Expr]) -> str:
    return f"({', '.join(part.name for part in parts if isinstance(part, Column))})"


def _named(part: Expr) -> str:
    return f"`{part.name}`" if isinstance(part, Column) else "the key"


def _types(model: Model | None) -> Types:
    known = {column.name: column.type for column in model.columns} if model else {}
    return lambda column: known.get(column.name, DataType.OTHER)
