"""Functions as PostgreSQL, ClickHouse and their kin write them, mapped to portable ones. What is not listed is unknown, so refused."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from app.errors import did_you_mean
from app.model.expr import Binary, Call, Case, Cast, Expr, Extract, IsNull, Literal, Shift, Truncate
from app.model.types import DataType, DatePart, Grain
from app.sql.expressions.convert import Converter
from app.sql.expressions.functions import CATALOGUE
from app.sql.expressions.values import MOST_SHIFT

_BY_CLASS: dict[type[exp.Expr], tuple[str, tuple[str, ...]]] = {
    exp.Coalesce: ("coalesce", ("this", "expressions")),
    exp.Nullif: ("nullif", ("this", "expression")),
    exp.Greatest: ("greatest", ("this", "expressions")),
    exp.Least: ("least", ("this", "expressions")),
    exp.Abs: ("abs", ("this",)),
    exp.Sign: ("sign", ("this",)),
    exp.Round: ("round", ("this", "decimals")),
    exp.Floor: ("floor", ("this",)),
    exp.Ceil: ("ceil", ("this",)),
    exp.Sqrt: ("sqrt", ("this",)),
    exp.Ln: ("ln", ("this",)),
    exp.Exp: ("exp", ("this",)),
    exp.Pow: ("power", ("this", "expression")),
    exp.Lower: ("lower", ("this",)),
    exp.Upper: ("upper", ("this",)),
    exp.Length: ("length", ("this",)),
    exp.Substring: ("substring", ("this", "start", "length")),
    exp.Left: ("left", ("this", "expression")),
    exp.Right: ("right", ("this", "expression")),
    exp.Replace: ("replace", ("this", "expression", "replacement")),
    exp.StrPosition: ("position", ("this", "substr")),
    exp.StartsWith: ("starts_with", ("this", "expression")),
    exp.Tuple: ("tuple", ("expressions",)),
}
_BY_NAME = {
    "ifnull": "coalesce",
    "nvl": "coalesce",
    "lowerutf8": "lower",
    "upperutf8": "upper",
    "lengthutf8": "length",
    "char_length": "length",
    "character_length": "length",
    "substringutf8": "substring",
    "positionutf8": "position",
    "leftutf8": "left",
    "rightutf8": "right",
    "replaceall": "replace",
    "trimboth": "trim",
    "trimleft": "ltrim",
    "trimright": "rtrim",
    "pow": "power",
    "ceiling": "ceil",
    "startswith": "starts_with",
}
_CASTS = {
    "tostring": DataType.TEXT,
    "todate": DataType.DATE,
    "todate32": DataType.DATE,
    "todatetime": DataType.TIMESTAMP,
    "tofloat32": DataType.FLOAT,
    "tofloat64": DataType.FLOAT,
    "toint8": DataType.INTEGER,
    "toint16": DataType.INTEGER,
    "toint32": DataType.INTEGER,
    "toint64": DataType.INTEGER,
    "touint8": DataType.INTEGER,
    "touint16": DataType.INTEGER,
    "touint32": DataType.INTEGER,
    "touint64": DataType.INTEGER,
    "tobool": DataType.BOOLEAN,
}
_PARTS = {
    "year": DatePart.YEAR,
    "quarter": DatePart.QUARTER,
    "month": DatePart.MONTH,
    "day": DatePart.DAY,
    "isodow": DatePart.DOW,
    "doy": DatePart.DOY,
    "dayofyear": DatePart.DOY,
    "dayofweekiso": DatePart.DOW,
}
_PART_CLASSES: dict[type[exp.Expr], DatePart] = {
    exp.Year: DatePart.YEAR,
    exp.Quarter: DatePart.QUARTER,
    exp.Month: DatePart.MONTH,
    exp.Day: DatePart.DAY,
    exp.DayOfMonth: DatePart.DAY,
    exp.DayOfYear: DatePart.DOY,
    exp.DayOfWeekIso: DatePart.DOW,
}
_PART_NAMES = {
    "toyear": DatePart.YEAR,
    "toquarter": DatePart.QUARTER,
    "tomonth": DatePart.MONTH,
    "todayofmonth": DatePart.DAY,
    "todayofyear": DatePart.DOY,
    "todayofweek": DatePart.DOW,
}
_GRAINS = {grain.value: grain for grain in Grain}
_MOVES = {f"{verb}{grain}s": (sign, grain) for verb, sign in (("add", 1), ("subtract", -1)) for grain in _GRAINS}


def convert_call(converter: Converter, node: exp.Expr) -> Expr | None:
    """A function as its portable form; None where the node is no function. Raises UserError DM3103 (unknown) or DM3104 (argument count)."""
    if type(node) in _READ:
        converter.check_parts(node, _READ[type(node)])
    if type(node) in _BY_CLASS:
        name, parts = _BY_CLASS[type(node)]
        return _checked(converter, node, name, _gather(converter, node, parts))
    if isinstance(node, exp.Anonymous):
        return _anonymous(converter, node)
    special = _SPECIAL.get(type(node))
    if special is not None:
        return special(converter, node)
    if type(node) in _PART_CLASSES:
        return Extract(converter.expr(node.this), _PART_CLASSES[type(node)])
    if isinstance(node, exp.Func):
        raise _unknown(converter, node, node.sql_name().lower())
    return None


def _gather(converter: Converter, node: exp.Expr, parts: tuple[str, ...]) -> tuple[Expr, ...]:
    """The arguments under the named parts, in order."""
    found: list[exp.Expr] = []
    for part in parts:
        value = node.args.get(part)
        found += value if isinstance(value, list) else [value] if value is not None else []
    return tuple(converter.expr(arg) for arg in found)


def _checked(converter: Converter, node: exp.Expr, name: str, args: tuple[Expr, ...]) -> Expr:
    """The call, its argument count checked against the catalogue."""
    function = CATALOGUE[name]
    if len(args) < function.least or (function.most is not None and len(args) > function.most):
        raise converter.refused(node, "DM3104", f"`{name}` does not take {len(args)} arguments")
    return Call(name, args)


def _anonymous(converter: Converter, node: exp.Anonymous) -> Expr:
    """A function that sqlglot does not know, by its name."""
    name = str(node.name).lower()
    portable = _BY_NAME.get(name, name)
    args = tuple(converter.expr(arg) for arg in node.expressions)
    if portable in CATALOGUE and portable != "tuple":
        return _checked(converter, node, portable, args)
    if name in _CASTS and len(args) == 1:
        return Cast(args[0], _CASTS[name])
    if name in ("todecimal32", "todecimal64", "todecimal128") and len(args) == 2 and isinstance(args[1], Literal):
        precision, scale = {"todecimal32": 9, "todecimal64": 18, "todecimal128": 38}[name], args[1].value
        if args[1].type is not DataType.INTEGER or not isinstance(scale, int) or not 0 <= scale <= precision:
            raise converter.refused(node, "DM3104", f"`{node.name}` takes a scale from 0 to {precision}")
        return Cast(args[0], DataType.DECIMAL, precision, scale)
    if name in _PART_NAMES and len(args) == 1:
        return Extract(args[0], _PART_NAMES[name])
    if name in _MOVES and len(args) == 2 and isinstance(args[1], Literal) and isinstance(args[1].value, int):
        sign, grain = _MOVES[name]
        if abs(args[1].value) > MOST_SHIFT:
            raise converter.refused(node, "DM3104", f"a time is moved by at most {MOST_SHIFT} periods")
        return Shift(args[0], sign * args[1].value, _GRAINS[grain])
    if name in ("iff", "if") and len(args) == 3:
        return Case(((args[0], args[1]),), args[2])
    if name == "multiif" and len(args) >= 3 and len(args) % 2:
        return Case(tuple(zip(args[:-1:2], args[1:-1:2], strict=True)), args[-1])
    if name in ("isnull", "isnotnull") and len(args) == 1:
        return IsNull(args[0], name == "isnotnull")
    if name in ("empty", "notempty") and len(args) == 1:
        return Binary("=" if name == "empty" else "<>", args[0], Literal("", DataType.TEXT))
    raise _unknown(converter, node, str(node.name))


def _unknown(converter: Converter, node: exp.Expr, name: str) -> Exception:
    """Not in the catalogue. dbt's own objects stand in braces."""
    name = converter.word_at(node) or name
    if name in ("Dimension", "TimeDimension", "Entity", "Metric"):
        return converter.refused(node, "DM3103", f"`{name}` stands without braces", f"write `{{{{ {name}(…) }}}}` in a filter")
    hint = (
        did_you_mean(name, [*CATALOGUE, "date_trunc", "extract", "cast"])
        or "use a function that means the same on every engine, or compute the value in the dbt model"
    )
    return converter.refused(node, "DM3103", f"the function `{name}` is not known here", hint)


def _unit(converter: Converter, node: exp.Expr) -> Grain:
    """The grain that a function names."""
    unit = node.args.get("unit")
    grain = str(unit.name).lower() if unit is not None else ""
    if grain not in _GRAINS:
        raise converter.refused(node, "DM3102", f"`{grain}` is not a time grain", "one of " + ", ".join(_GRAINS), word=re.escape(grain))
    return _GRAINS[grain]


def _trunc(converter: Converter, node: exp.Expr) -> Expr:
    """date_trunc('month', x), toStartOfMonth(x)."""
    return Truncate(converter.expr(node.this), _unit(converter, node))


def _extract(converter: Converter, node: exp.Expr) -> Expr:
    """extract(year from x). PostgreSQL's `dow` counts from Sunday = 0; ours from Monday = 1."""
    part, arg = node.name.lower(), converter.expr(node.expression)
    if part == "dow":
        return Binary("%", Extract(arg, DatePart.DOW), Literal(7, DataType.INTEGER))
    if part not in _PARTS:
        raise converter.refused(
            node,
            "DM3103",
            f"extract does not know `{part}` here",
            "one of " + ", ".join(sorted(set(_PARTS))),
            word=rf"(?<=\(){re.escape(part)}",
        )
    return Extract(arg, _PARTS[part])


def _trim(converter: Converter, node: exp.Expr) -> Expr:
    """trim(x), ltrim(x), rtrim(x): spaces only."""
    position = str(node.args.get("position") or "").upper()
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(position, "trim")
    return Call(name, (converter.expr(node.this),))


def _concat(converter: Converter, node: exp.Expr) -> Expr:
    """concat(a, b): leaves NULLs out where the dialect does, else is a chain of `||`."""
    args = tuple(converter.expr(arg) for arg in node.expressions)
    if node.args.get("coalesce"):
        return Call("concat", args)
    chain = args[0]
    for arg in args[1:]:
        chain = Binary("||", chain, arg)
    return chain


def _date_diff(converter: Converter, node: exp.Expr) -> Expr:
    """dateDiff('day', from, to). sqlglot reads PostgreSQL's spelling, which has no such function, in another order."""
    unit = node.args.get("unit")
    if isinstance(node.this, exp.Literal) and node.this.is_string and node.expression is not None and unit is not None:
        grain = node.this.name.lower()
        start, end = converter.expr(node.expression), converter.expr(exp.column(unit.name.lower()))
    else:
        grain = _unit(converter, node).value
        start, end = converter.expr(node.expression), converter.expr(node.this)
    if grain not in _GRAINS:
        raise converter.refused(node, "DM3102", f"`{grain}` is not a time grain", word=re.escape(grain))
    return Call("date_diff", (Literal(grain, DataType.TEXT), start, end))


def _date(converter: Converter, node: exp.Expr) -> Expr:
    """date(x)."""
    return Cast(converter.expr(node.this), DataType.DATE)


_SPECIAL: dict[type[exp.Expr], Callable[[Converter, exp.Expr], Expr]] = {
    exp.TimestampTrunc: _trunc,
    exp.DateTrunc: _trunc,
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.Concat: _concat,
    exp.DateDiff: _date_diff,
    exp.Date: _date,
    exp.TsOrDsToDate: _date,
}

_READ: dict[type[exp.Expr], frozenset[str]] = {
    **{kind: frozenset(parts) for kind, (_, parts) in _BY_CLASS.items()},
    **{kind: frozenset({"this"}) for kind in _PART_CLASSES},
    exp.Anonymous: frozenset({"this", "expressions"}),
    exp.TimestampTrunc: frozenset({"this", "unit"}),
    exp.DateTrunc: frozenset({"this", "unit"}),
    exp.Extract: frozenset({"this", "expression"}),
    exp.Trim: frozenset({"this", "position"}),
    exp.Concat: frozenset({"expressions"}),
    exp.DateDiff: frozenset({"this", "expression", "unit"}),
    exp.Date: frozenset({"this"}),
    exp.TsOrDsToDate: frozenset({"this"}),
}
"""What is read of each function's node."""
