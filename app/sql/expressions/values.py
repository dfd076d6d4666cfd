"""Constants and types in expressions: numbers keep their digits, SQL's type names fall into our families."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from sqlglot import exp

from app.model.expr import Cast, Expr, Literal
from app.model.types import DataType
from app.sql.native_types import data_type

_T = exp.DType
_CASTABLE = frozenset(
    {
        *(_T.TEXT, _T.VARCHAR, _T.CHAR, _T.NCHAR, _T.NVARCHAR, _T.FIXEDSTRING, _T.BPCHAR, _T.UUID),
        *exp.DataType.INTEGER_TYPES,
        *(_T.FLOAT, _T.DOUBLE),
        *(_T.DECIMAL, _T.DECIMAL32, _T.DECIMAL64, _T.DECIMAL128, _T.DECIMAL256, _T.BIGDECIMAL),
        *(_T.BOOLEAN, _T.DATE, _T.DATE32),
        *(_T.TIMESTAMP, _T.TIMESTAMPTZ, _T.TIMESTAMPNTZ, _T.TIMESTAMPLTZ, _T.DATETIME, _T.DATETIME64, _T.DATETIME2),
    }
)
"""The types that an expression may convert to."""
MOST_SHIFT = 1_000_000
"""Most periods by which a time is moved: beyond are no times."""
_NUMBER = re.compile(r"\d{1,100}(\.\d{1,100})?([eE][+-]?\d{1,3})?", re.ASCII)
_CONSTANT = re.compile(r"(?=[\d.eE+-]{1,1000}\Z)(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SIZE = re.compile(r"\d{1,4}", re.ASCII)
_PRECISION = {_T.DECIMAL32: 9, _T.DECIMAL64: 18, _T.DECIMAL128: 38, _T.DECIMAL256: 76}
_FAMILY = {kind: data_type(kind.value) for kind in _CASTABLE} | {_T.BIT: DataType.INTEGER}


def number(text: str) -> Literal:
    """A numeric constant: whole numbers as integers, `1.50` as a decimal with its digits, `1e6` as a float.

    Raises ValueError for what writes none, or one of more than a thousand digits.
    """
    if not _CONSTANT.fullmatch(text):
        raise ValueError(text)
    if text.isdigit():
        return Literal(int(text), DataType.INTEGER)
    return Literal(text, DataType.FLOAT if "e" in text.lower() else DataType.DECIMAL)


def numeric(text: str) -> Literal | None:
    """The number that a text writes, or None where it writes none."""
    sign, digits = ("-", text.strip()[1:]) if text.strip().startswith("-") else ("", text.strip().removeprefix("+"))
    if not _NUMBER.fullmatch(digits):
        return None
    found = number(digits)
    return (
        Literal(-found.value, found.type)
        if sign and isinstance(found.value, int)
        else Literal(f"{sign}{found.value}", found.type)
        if sign
        else found
    )


def read_cast(arg: Expr, to: exp.DataType, refused: Callable[[str], Exception]) -> Expr:
    """A conversion; of a constant text to a date or timestamp, the constant itself. Raises what `refused` makes of an unknown type (DM3105)."""
    kind = to.this
    family = _FAMILY.get(kind)
    if family is None:
        raise refused(f"`{to.sql()}` is not a type that an expression may convert to")
    written = [part.name for part in to.expressions] if family is DataType.DECIMAL else []
    if not all(map(_SIZE.fullmatch, written)):
        raise refused(f"`{to.sql()}` has no size that a decimal may have")
    sizes = [int(size) for size in written]
    if sizes and kind in _PRECISION:  # of which only the scale is written
        sizes = [_PRECISION[kind], sizes[0]]
    if isinstance(arg, Literal) and arg.type is DataType.TEXT and family.is_temporal:
        constant = temporal(str(arg.value), family)
        if constant is not None:
            return constant
        raise refused(f"`{arg.value}` is not a {family}")
    return Cast(arg, family, sizes[0] if sizes else None, sizes[1] if len(sizes) > 1 else None)


def temporal(text: str, family: DataType) -> Literal | None:
    """A date or timestamp constant in canonical spelling (`2020-01-31`, `2020-01-31 12:00:00`), or None where the text is neither.

    A text with a time given as a date keeps its day, as in SQL.
    """
    text = text.strip()
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    if family is DataType.DATE:
        return Literal(moment.date().isoformat(), DataType.DATE)
    return Literal(moment.isoformat(" "), DataType.TIMESTAMP)
