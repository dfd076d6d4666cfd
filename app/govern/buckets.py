"""Numbers shown as the lower bound of their range, computed exactly: both engines put a number on a border into the same range."""

from __future__ import annotations

from decimal import Decimal

from app.model.types import DataType, Dialect


def bucket(raw: str, width: str, kind: DataType, dialect: Dialect) -> str:
    """The lower bound of the range, `width` wide and counted from 0, that holds the number; below 0 too the smaller end. A float is taken as it is written, and
    one that is no number is NULL. Whole numbers in whole widths stay whole numbers; else decimals."""
    wide = Decimal(width)
    digits = max(0, -int(wide.as_tuple().exponent))
    whole = kind is DataType.INTEGER and digits == 0
    return (_clickhouse if dialect is Dialect.CLICKHOUSE else _postgres)(raw, wide, digits, kind, whole=whole)


def _postgres(raw: str, wide: Decimal, digits: int, kind: DataType, *, whole: bool) -> str:
    del digits
    number, size = f"CAST({raw} AS numeric)", f"CAST({wide:f} AS numeric)"
    if kind is DataType.FLOAT:
        number = f"CASE WHEN {raw} - {raw} = 0 THEN CAST(CAST({raw} AS text) AS numeric) ELSE NULL END"
    down = f"({number}) - ((({number}) % {size} + {size}) % {size})"
    if not whole:
        return down
    # A range that begins before the least bigint has no lower bound that could be shown.
    return f"CASE WHEN {down} >= -9223372036854775808 THEN CAST({down} AS bigint) ELSE NULL END"


def _clickhouse(raw: str, wide: Decimal, digits: int, kind: DataType, *, whole: bool) -> str:
    scale = 10**digits
    size = f"toInt256({int(wide * scale)})"
    if kind is DataType.INTEGER:
        number = f"toInt256({raw}) * toInt256({scale})"
    else:
        exact = f"accurateCastOrNull(toString({raw}), 'Decimal(76, 20)')"
        number = f"toInt256(floor({exact} * toInt256({scale})))"
    down = f"({number}) - ((({number}) % {size} + {size}) % {size})"
    return f"accurateCastOrNull({down}, 'Int64')" if whole else f"accurateCastOrNull(toString({down}), 'Decimal(76, {digits})') / {scale}"
