"""Joins in which NULL meets NULL, as groups do."""

from __future__ import annotations

from app.model.expr import Binary, Call, Cast, Expr, IsNull, Literal
from app.model.types import DataType

_STAND_INS: dict[DataType, Literal] = {
    DataType.TEXT: Literal("", DataType.TEXT),
    DataType.INTEGER: Literal(0, DataType.INTEGER),
    DataType.DECIMAL: Literal("0", DataType.DECIMAL),
    DataType.FLOAT: Literal("0", DataType.FLOAT),
    DataType.BOOLEAN: Literal(False, DataType.BOOLEAN),
    DataType.DATE: Literal("1970-01-01", DataType.DATE),
    DataType.TIMESTAMP: Literal("1970-01-01 00:00:00", DataType.TIMESTAMP),
}


def same_group(left: Expr, right: Expr, kind: DataType) -> tuple[Expr, ...]:
    """Conditions under which two keys of one type are equal, or both NULL.

    Both are equations of one side each, so that engines can hash them: PostgreSQL would compare all rows with all for IS NOT DISTINCT FROM.
    """
    stand_in = _STAND_INS.get(kind)
    if stand_in is None:
        left_value, right_value = (Call("coalesce", (Cast(side, DataType.TEXT), _STAND_INS[DataType.TEXT])) for side in (left, right))
    else:
        left_value, right_value = (Call("coalesce", (side, stand_in)) for side in (left, right))
    return Binary("=", left_value, right_value), Binary("=", IsNull(left), IsNull(right))
