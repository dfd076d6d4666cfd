"""dbt's `fill_nulls_with`."""

from __future__ import annotations

from app.model.expr import Call, Expr, Literal
from app.model.types import DataType


def filled(value: Expr, fill: int | None) -> Expr:
    """The value, or the number where it has none."""
    return value if fill is None else Call("coalesce", (value, Literal(fill, DataType.INTEGER)))
