"""Whether two declarations of an entity fit: as many columns, in one order, of types that can be compared."""

from __future__ import annotations

from enum import StrEnum

from app.errors import UserError
from app.model.expr import Column, Expr
from app.model.types import DataType
from app.sql.expressions.infer import Types, infer
from app.sql.expressions.walk import key_parts


class Misfit(StrEnum):
    """Why rows can't be joined by two declarations of one entity."""

    NUMBER = "number"
    ORDER = "order"
    TYPE = "type"


def misfit(one: Expr, other: Expr, types: Types, others: Types) -> Misfit | None:
    """What keeps the keys from being compared part by part; None where nothing is known to. A type that nothing tells fits every other."""
    mine, theirs = key_parts(one), key_parts(other)
    if len(mine) != len(theirs):
        return Misfit.NUMBER
    if mine != theirs and len(mine) > 1 and all(isinstance(part, Column) for part in (*mine, *theirs)) and set(mine) == set(theirs):
        return Misfit.ORDER
    families = [(family(left, types), family(right, others)) for left, right in zip(mine, theirs, strict=True)]
    return Misfit.TYPE if any(left and right and left != right for left, right in families) else None


def family(part: Expr, types: Types) -> str:
    """The types among which an engine compares a part of a key, as people call them; "" where nothing tells."""
    try:
        kind = infer(part, types)
    except UserError:
        return ""  # what is wrong with the expression is said of it elsewhere
    if kind.is_numeric:
        return "number"
    if kind.is_temporal:
        return "time"
    return {DataType.TEXT: "text", DataType.BOOLEAN: "truth value"}.get(kind, "")
