"""How ClickHouse says it, so that the value is PostgreSQL's.

What differs, and was measured: `toStartOfMonth` and `toDate` wrap around outside of 1970–2149 where `dateTrunc` and `toDate32` don't; Decimal / Integer
keeps the Decimal's scale and Decimal % Integer is wrong; CASE over Decimal and Float becomes a Variant; `round` of a Float goes to the even digit;
text functions count bytes unless they end in UTF8; a CAST of NULL to a plain type fails where `toInt64` and its kin pass it on.
"""

from __future__ import annotations

from sqlglot import exp

from app.errors import Problem, UserError
from app.model.expr import Binary, Call, Cast, Expr, Extract, Literal, Shift, Truncate
from app.model.types import DataType, DatePart, Grain
from app.sql.expressions.infer import shared
from app.sql.expressions.spell import build
from app.sql.expressions.spell.speller import Speller

_NAMES = {
    "nullif": "nullIf",
    "abs": "abs",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "sqrt": "sqrt",
    "ln": "log",
    "exp": "exp",
    "power": "pow",
    "lower": "lowerUTF8",
    "upper": "upperUTF8",
    "trim": "trimBoth",
    "ltrim": "trimLeft",
    "rtrim": "trimRight",
    "length": "lengthUTF8",
    "substring": "substringUTF8",
    "left": "leftUTF8",
    "right": "rightUTF8",
    "replace": "replaceAll",
    "position": "positionUTF8",
    "starts_with": "startsWith",
}
_CASTS = {
    DataType.TEXT: "toString",
    DataType.FLOAT: "toFloat64",
    DataType.BOOLEAN: "toBool",
    DataType.DATE: "toDate32",
}
_PARTS = {
    DatePart.YEAR: "toYear",
    DatePart.QUARTER: "toQuarter",
    DatePart.MONTH: "toMonth",
    DatePart.DAY: "toDayOfMonth",
    DatePart.DOW: "toDayOfWeek",
    DatePart.DOY: "toDayOfYear",
}
_SCALE = 20
"""Decimal digits kept where a float is rounded as the decimal that it is written as."""


class ClickHouseSpeller(Speller):
    """ClickHouse 24.3 and later."""

    def literal(self, node: Literal) -> exp.Expr:
        """A decimal constant alone would be a Float64: it is made from text, with the scale that it is written with."""
        if node.value is None:
            return exp.null()
        written = str(node.value)
        match node.type:
            case DataType.BOOLEAN:
                return exp.true() if node.value else exp.false()
            case DataType.DATE:
                return build.call("toDate32", build.text(written))
            case DataType.TIMESTAMP:
                return build.call("toDateTime64", build.text(written), build.digits(6), build.text("UTC"))
            case DataType.DECIMAL:
                whole, _, fraction = written.lstrip("-").partition(".")
                function = "toDecimal64" if len(whole) + len(fraction) <= 17 else "toDecimal128"
                return build.call(function, build.text(written), build.digits(len(fraction)))
            case DataType.FLOAT | DataType.INTEGER:
                return build.digits(written)
            case _:
                return build.text(written)

    def same(self, exprs: list[Expr]) -> list[exp.Expr]:
        """What stands beside a float becomes one, integers that may be of other signs Int64: the engine finds no common type for them."""
        kinds = [self.type_of(expr) for expr in exprs]
        kind = shared(kinds, tuple(exprs))
        if kind is DataType.FLOAT:
            return [self.spell(expr) if _is_small(expr) else self._float(expr) for expr in exprs]
        if kind is DataType.INTEGER and sum(not _is_small(expr) for expr in exprs) > 1:
            return [self.spell(expr) if isinstance(expr, Literal) else build.call("toInt64", self.spell(expr)) for expr in exprs]
        return [self.spell(expr) for expr in exprs]

    def call(self, node: Call) -> exp.Expr:
        """A function of the catalogue."""
        name, args = node.name, node.args
        match name:
            case "coalesce":
                first, *rest = self.same(list(args))
                return exp.Coalesce(this=first, expressions=rest)
            case "greatest" | "least":
                return build.call(name, *self.same(list(args)))
            case "round":
                return self._round(args[0], args[1] if len(args) > 1 else Literal(0, DataType.INTEGER))
            case "concat":
                parts = [exp.Coalesce(this=self._text(arg), expressions=[build.text("")]) for arg in args]
                return build.call("concat", *parts)
            case "tuple":
                return build.call("tuple", *(self.spell(arg) for arg in args))
            case "date_diff":
                return self._date_diff(Grain(str(args[0].value)) if isinstance(args[0], Literal) else Grain.DAY, args[1], args[2])
            case "sqrt" | "ln" | "exp" | "power":
                return build.call(_NAMES[name], *(self._float(arg) for arg in args))
            case _:
                return build.call(_NAMES[name], *(self.spell(arg) for arg in args))

    def cast(self, node: Cast) -> exp.Expr:
        """Through functions that pass NULL on; numbers become integers and decimals by rounding half away from zero."""
        arg, kind = node.arg, self.type_of(node.arg)
        match node.type:
            case DataType.INTEGER:
                whole = kind in (DataType.INTEGER, DataType.BOOLEAN, DataType.TEXT)
                return build.call("toInt64", self.spell(arg) if whole else self._round(arg, Literal(0, DataType.INTEGER)))
            case DataType.DECIMAL:
                scale = node.scale if node.scale is not None else 0 if node.precision is not None else 9
                cut = self.spell(arg) if kind is DataType.INTEGER else self._round(arg, Literal(scale, DataType.INTEGER))
                return build.call("toDecimal128", cut, build.digits(scale))
            case DataType.TIMESTAMP:
                return build.call("toDateTime64", self.spell(arg), build.digits(6), build.text("UTC"))
            case _:
                return build.call(_CASTS[node.type], self.spell(arg))

    def truncate(self, node: Truncate) -> exp.Expr:
        """Days and longer are dates."""
        arg, kind = self.spell(node.arg), self.type_of(node.arg)
        if node.grain is Grain.DAY:
            return arg if kind is DataType.DATE else build.call("toDate32", arg)
        if node.grain is Grain.NANOSECOND:
            return arg
        if node.grain.order < Grain.DAY.order and kind is not DataType.TIMESTAMP:
            arg = build.call("toDateTime64", arg, build.digits(6), build.text("UTC"))
        return build.call("dateTrunc", build.text(node.grain.value), arg)

    def extract(self, node: Extract) -> exp.Expr:
        """Weekdays are ISO as they come."""
        return build.call(_PARTS[node.part], self.spell(node.arg))

    def shift(self, node: Shift) -> exp.Expr:
        """addMonths and its kin keep to the last day of a shorter month, as PostgreSQL does."""
        verb = "subtract" if node.count < 0 else "add"
        return build.call(f"{verb}{node.grain.value.capitalize()}s", self.spell(node.arg), build.digits(abs(node.count)))

    def divide(self, left: Expr, right: Expr) -> exp.Expr:
        """In Float64: Decimal / Integer would keep the Decimal's scale, and a division by zero would give infinity."""
        return build.operation(exp.Div, self._float(left), self.quotient(right), typed=False, safe=False)

    def modulo(self, left: Expr, right: Expr) -> exp.Expr:
        """Of whole numbers; refused with DM3106 where a side is known to have decimals, for which the engine is wrong."""
        if {self.type_of(left), self.type_of(right)} & {DataType.DECIMAL, DataType.FLOAT}:
            raise UserError(Problem("DM3106", "`%` is known for whole numbers only: with decimals the engines differ"))
        return build.operation(exp.Mod, self.spell(left), self.quotient(right))

    def join_text(self, left: Expr, right: Expr) -> exp.Expr:
        """A chain of `||` as one concat, which gives NULL where an argument is NULL."""
        parts: list[Expr] = []
        stack: list[Expr] = [right, left]
        while stack:
            part = stack.pop()
            if isinstance(part, Binary) and part.op == "||":
                stack += [part.right, part.left]
            else:
                parts.append(part)
        return build.call("concat", *(self._text(part) for part in parts))

    def _date_diff(self, grain: Grain, start: Expr, end: Expr) -> exp.Expr:
        """Boundaries crossed; weeks by their Mondays, because dateDiff miscounts them before 1970."""
        if grain is not Grain.WEEK:
            return build.call("dateDiff", build.text(grain.value), self.spell(start), self.spell(end))
        days = build.call("dateDiff", build.text("day"), self.truncate(Truncate(start, grain)), self.truncate(Truncate(end, grain)))
        return build.call("intDiv", days, build.digits(7))

    def _text(self, arg: Expr) -> exp.Expr:
        """As a String, converted where its type is not known to be one."""
        spelled = self.spell(arg)
        return spelled if self.type_of(arg) is DataType.TEXT else build.call("toString", spelled)

    def _float(self, arg: Expr) -> exp.Expr:
        """As Float64; sums and ratios of floats are so already."""
        spelled = self.spell(arg)
        return spelled if self.type_of(arg) is DataType.FLOAT else build.call("toFloat64", spelled)

    def _round(self, arg: Expr, digits: Expr) -> exp.Expr:
        """Half away from zero: Decimals and integers round so, a float goes by the decimal that it is written as."""
        spelled = self.spell(arg)
        if self.type_of(arg) is DataType.INTEGER:
            spelled = build.call("toDecimal128", spelled, build.digits(0))
        elif self.type_of(arg) is not DataType.DECIMAL:
            spelled = build.call("toDecimal256", build.call("toString", spelled), build.digits(_SCALE))
        return build.call("round", spelled, self.spell(digits))


def _is_small(expr: Expr) -> bool:
    """A constant that fits any integer type, signed or not; NULL fits all."""
    return isinstance(expr, Literal) and (expr.value is None or (isinstance(expr.value, int) and expr.value >= 0))
