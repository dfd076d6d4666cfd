"""In which order the rows of a shaped query come: totals below what they are of, the rest below the first groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.model.expr import Binary, Case, Column, Expr, Literal
from app.model.plan import Order
from app.model.shapes import Grouping
from app.model.types import DataType
from app.plan.shapes.stack import grouping_column
from app.plan.shapes.table import Table

OTHER = "other:"
"""Before the name of an item in an order: the rest comes after what is a value of it."""


def ordered(
    table: Table, keys: Sequence[str], told: Sequence[str], asked: Sequence[tuple[str, bool]], shown: Collection[str], *, nested: bool
) -> tuple[Order, ...]:
    """The order items: with `nested` totals each total stands below its own rows, else all stand at the end.

    `asked` names columns, each with whether it descends, or after `OTHER` an item of which what is left comes last; `shown` are those of the result.
    """

    def column(name: str) -> Column:
        return Column(name) if name in table.keys else Column(table.columns[name], table.step)

    def last(key: str, *kinds: Grouping) -> Order:
        grouping = Column(grouping_column(key), table.step)
        whens: tuple[tuple[Expr, Expr], ...] = tuple(
            (Binary("=", grouping, Literal(kind.value, DataType.TEXT)), Literal(number, DataType.INTEGER))
            for number, kind in enumerate(kinds, 1)
        )
        return Order(Case(whens, Literal(0, DataType.INTEGER)))

    items: list[Order] = []
    if nested:
        for key in keys:
            items += [last(key, Grouping.OTHER, Grouping.TOTAL)] if key in told else []
            items.append(Order(column(key), column=key))
        return tuple(items)
    items += [last(key, Grouping.TOTAL) for key in told]
    for name, down in asked:
        items.append(
            last(name.removeprefix(OTHER), Grouping.OTHER)
            if name.startswith(OTHER)
            else Order(column(name), down, name if name in shown else "")
        )
    named = {item.column for item in items}
    return (*items, *(Order(column(key), column=key) for key in keys if key not in named))
