"""Which types may meet in a comparison, a join or a sum: what the engines would answer differently, or fail on in words of their own, is refused."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import Problem, UserError
from app.model.expr import Expr, Literal
from app.model.types import DataType
from app.sql.expressions.text import expression_text

_NOT_TEXT = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT, DataType.BOOLEAN, DataType.DATE, DataType.TIMESTAMP})


def check_compared(exprs: Sequence[Expr], kinds: Sequence[DataType]) -> None:
    """Texts are compared with texts only; a constant text is left to `coerce`, which has fitted it where it could. Raises UserError DM3108."""
    texts = [expr for expr, kind in zip(exprs, kinds, strict=True) if kind is DataType.TEXT and not isinstance(expr, Literal)]
    if not texts:
        return
    for expr, kind in zip(exprs, kinds, strict=True):
        if kind in _NOT_TEXT and not (isinstance(expr, Literal) and expr.value is None):
            raise UserError(
                Problem(
                    "DM3108",
                    f"`{expression_text(texts[0])}` is a text and `{expression_text(expr)}` is of type {kind}: they can't be compared",
                    hint="convert one of them in the `expr` of its dimension or entity, as in `cast(id as text)`",
                )
            )


def check_arithmetic(op: str, left: Expr, right: Expr, kinds: tuple[DataType, DataType]) -> None:
    """A date may be moved by whole days, and dates subtracted; everything else with a time is refused. Raises UserError DM3108."""
    if not any(kind.is_temporal for kind in kinds) or DataType.OTHER in kinds:
        return
    dates = (DataType.DATE, DataType.DATE)
    moved = kinds == (DataType.DATE, DataType.INTEGER) and op in "+-"
    if moved or (kinds == dates and op == "-") or (kinds == (DataType.INTEGER, DataType.DATE) and op == "+"):
        return
    raise UserError(
        Problem(
            "DM3108",
            f"`{expression_text(left)} {op} {expression_text(right)}`: there is no `{op}` between {kinds[0]} and {kinds[1]}",
            hint="`date_diff` counts the time between two times, `+ interval '1 day'` moves one",
        )
    )
