"""The value by which a step tells that it has a row, where an expression over it would give a value without one."""

from __future__ import annotations

from app.model.expr import Literal
from app.model.plan import Aggregated, Named
from app.model.types import Aggregation, DataType

ONE = Literal(1, DataType.INTEGER)


def aggregated_mark(mark: str) -> tuple[Aggregated, ...]:
    """For a step that aggregates; nothing where no mark is wanted."""
    return (Aggregated(mark, Aggregation.MAX, ONE, DataType.INTEGER, DataType.INTEGER),) if mark else ()


def plain_mark(mark: str) -> tuple[Named, ...]:
    """For a step that takes rows as they are; nothing where no mark is wanted."""
    return (Named(mark, ONE, DataType.INTEGER),) if mark else ()
