"""How ClickHouse says it, so that the value is PostgreSQL's; what has to do with times is in `clickhouse_times`.

What differs, and was measured: sums and products of Int64 wrap around silently, of Decimals fail or wrap around; Decimal / Integer keeps the Decimal's scale
and Decimal % anything is wrong; CASE over a Decimal and a Float, or over an Int64 and a UInt64, becomes a Variant, over Decimals of two scales it fails; IN
wants options of the very type, and answers false where a NULL among them makes it unknown; `round` of a Float goes to the even digit; text functions count
bytes unless they end in UTF8; a CAST of NULL to a plain type fails where `toInt64` and its kin pass it on, but those wrap around.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from app.model.expr import Binary, Call, Cast, Expr, In, Literal
from app.model.types import DataType, Grain
from app.sql.expressions.infer import shared
from app.sql.expressions.spell import build
from app.sql.expressions.spell.bounds import is_bounded, scale
from app.sql.expressions.spell.clickhouse_times import ClickHouseTimes
from app.sql.expressions.spell.domains import has_value, is_never_negative
from app.sql.expressions.spell.mixing import check_compared
from app.sql.expressions.walk import walk

_NAMES = {
    "nullif": "nullIf",
    "abs": "abs",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "sqrt": "sqrt",
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
_SCALE = 20
"""Decimal digits kept where a float is rounded as the decimal that it is written as, and where decimals of unknown scales meet."""
_DIGITS = 9
"""Decimal digits of a conversion to a decimal that does not say how many."""
_PRODUCTS = ({DataType.DECIMAL}, {DataType.DECIMAL, DataType.INTEGER})


class ClickHouseSpeller(ClickHouseTimes):
    """ClickHouse 24.12 and later."""

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
                return self.instant(node)
            case DataType.DECIMAL:
                whole, _, fraction = written.lstrip("-").partition(".")
                function = "toDecimal128" if len(whole) + len(fraction) <= 37 else "toDecimal256"
                return build.call(function, build.text(written), build.digits(len(fraction)))
            case DataType.FLOAT | DataType.INTEGER:
                return build.digits(written)
            case _:
                return build.text(written)

    def same(self, exprs: list[Expr]) -> list[exp.Expr]:
        """What stands beside a float or a time becomes one, whole numbers that may be of other signs Int128, decimals of other scales Decimal256."""
        kind = shared([self.type_of(expr) for expr in exprs], tuple(exprs))
        match kind:
            case DataType.FLOAT:
                return [self.spell(expr) if _is_small(expr) else self._float(expr) for expr in exprs]
            case DataType.TIMESTAMP:
                return [self.beside_times(expr) for expr in exprs]
            case DataType.INTEGER if sum(not _is_small(expr) for expr in exprs) > 1:
                return [self.spell(expr) if isinstance(expr, Literal) else build.call("toInt128", self.spell(expr)) for expr in exprs]
            case DataType.DECIMAL:
                return self._decimals(exprs)
            case _:
                return [self.spell(expr) for expr in exprs]

    def negated(self, arg: Expr) -> exp.Expr:
        """The least Int16 has no opposite that is one, and the engine would give the same number again."""
        spelled = self.spell(arg)
        fits = self.type_of(arg) is not DataType.INTEGER or is_bounded(arg) or self.outgrown(arg) or isinstance(spelled, exp.AggFunc)
        return exp.Neg(this=build.within(spelled, build.ATOM) if fits else build.call("toInt128", spelled))

    def aligned(self, exprs: Sequence[Expr]) -> list[exp.Expr]:
        """Dates beside times, and numbers beside floats, are made such: a hash join needs it, and a date would be midnight in the time's zone."""
        kinds = [self.type_of(expr) for expr in exprs]
        check_compared(exprs, kinds)
        kind = shared(kinds, tuple(exprs))
        match kind:
            case DataType.TIMESTAMP:
                return [self.beside_times(expr) for expr in exprs]
            case DataType.FLOAT:
                return [self.spell(expr) if _is_small(expr) else self._float(expr) for expr in exprs]
            case _:
                return [self.spell(expr) for expr in exprs]

    def lead(self, expr: Expr) -> exp.Expr:
        """Of a type that has no NULL, `lead` would give its zero after the last row."""
        return build.call("lead", build.call("toNullable", self.spell(expr)))

    def among(self, node: In) -> exp.Expr:
        """IN over constants of one type; a chain of `=` where types differ, an option is NULL, or is none that is constant."""
        if not self.chained(node):
            return super().among(node)
        chain = build.any_of([self.spell(Binary("=", node.arg, option)) for option in node.options])
        return build.negation(build.within(chain, build.ATOM)) if node.negated else build.within(chain, build.ATOM)

    def arithmetic(self, kind: type[exp.Binary], left: Expr, right: Expr) -> exp.Expr:
        """Whole numbers go on in Int128, products of decimals in Decimal256, dates in Date32, where their own type might not hold the result."""
        kinds = self.type_of(left), self.type_of(right)
        if kinds == (DataType.DATE, DataType.DATE):
            return self.difference(Grain.DAY, right, left)
        if DataType.DATE in kinds:
            return build.operation(kind, *(self._day_or_days(side) for side in (left, right)))
        if DataType.FLOAT in kinds:
            return build.operation(kind, *(self.spell(side) if _is_small(side) else self._float(side) for side in (left, right)))
        if DataType.OTHER in kinds:
            return build.operation(kind, *map(self._beside_unknown, (left, right)))
        sides = [self.spell(left), self.spell(right)]
        widest = 1 if is_bounded(left) else 0
        if isinstance(sides[widest], exp.AggFunc):
            return build.operation(kind, *sides)
        if self.outgrows(kind, left, right):
            sides[widest] = build.call("toInt128", sides[widest])
        elif kind is exp.Mul and set(kinds) in _PRODUCTS and not isinstance(left, Literal) and not isinstance(right, Literal):
            # A constant would be wide enough as it is written.
            sides[0] = build.operation(exp.Mul, build.call("toDecimal256", build.digits(1), build.digits(0)), sides[0])
        return build.operation(kind, *sides)

    def _beside_unknown(self, side: Expr) -> exp.Expr:
        """A whole number beside something of which no type is known: Int128 does not go with floats, Decimal goes with all numbers."""
        spelled = self.spell(side)
        small = self.type_of(side) is not DataType.INTEGER or is_bounded(side)
        return spelled if small else build.call("toDecimal128", spelled, build.digits(0))

    def _day_or_days(self, side: Expr) -> exp.Expr:
        """What is moved, and by how many days, which must be no Int128."""
        return self.wide_day(side) if self.type_of(side) is DataType.DATE else self._place(side)

    def call(self, node: Call) -> exp.Expr:
        """A function of the catalogue."""
        name, args = node.name, node.args
        match name:
            case "coalesce":
                first, *rest = self.same(list(args))
                return exp.Coalesce(this=first, expressions=rest)
            case "greatest" | "least":
                return build.call(name, *self.same(list(args)))
            case "nullif":
                first, second = self.aligned(args)
                return build.call("nullIf", first, second)
            case "round":
                return self._round(args[0], args[1] if len(args) > 1 else Literal(0, DataType.INTEGER))
            case "concat":
                parts = [exp.Coalesce(this=self._text(arg), expressions=[build.text("")]) for arg in args]
                return build.call("concat", *parts)
            case "tuple":
                return build.call("tuple", *(self.spell(arg) for arg in args))
            case "date_diff":
                return self.difference(Grain(str(args[0].value)) if isinstance(args[0], Literal) else Grain.DAY, args[1], args[2])
            case "ln":
                return build.call("log", self._float(args[0]) if has_value(node) else self._positive(args[0]))
            case "sqrt" | "exp" | "power":
                return build.call(_NAMES[name], *(self._float(arg) for arg in args))
            case "substring" | "left" | "right":
                return build.call(_NAMES[name], self.spell(args[0]), *(self._place(arg) for arg in args[1:]))
            case _:
                return build.call(_NAMES[name], *(self.spell(arg) for arg in args))

    def _place(self, arg: Expr) -> exp.Expr:
        """A place in a text, or a count of characters, which must be no Int128."""
        return self.spell(arg) if is_bounded(arg) else build.call("toInt64", self.spell(arg))

    def cast(self, node: Cast) -> exp.Expr:
        """Through functions that pass NULL on and fail on what can't be converted; numbers are rounded half away from zero."""
        arg, kind = node.arg, self.type_of(node.arg)
        match node.type:
            case DataType.INTEGER if kind is DataType.INTEGER:
                return self.spell(arg)
            case DataType.INTEGER if kind is DataType.TEXT:
                # toInt64 of a text wraps around, accurateCast gives NULL for what is no number; a Decimal knows its bounds.
                written = build.call("toInt256", build.call("trimBoth", self.spell(arg)))
                return build.call("toInt64", build.call("toDecimal256", written, build.digits(0)))
            case DataType.INTEGER:
                return build.call(
                    "toInt64", self.spell(arg) if kind is DataType.BOOLEAN else self._round(arg, Literal(0, DataType.INTEGER))
                )
            case DataType.DECIMAL if kind is DataType.DECIMAL and node.precision is None:
                return self.spell(arg)
            case DataType.DECIMAL:
                digits = node.scale or 0 if node.precision is not None else _DIGITS
                whole = kind in (DataType.INTEGER, DataType.BOOLEAN)
                cut = self.spell(arg) if whole else self._round(arg, Literal(digits, DataType.INTEGER))
                return build.call("toDecimal128", cut, build.digits(0 if whole and node.precision is None else digits))
            case DataType.BOOLEAN if kind.is_numeric:
                return build.call("toBool", build.operation(exp.NEQ, self.spell(arg), build.digits(0)))
            case DataType.BOOLEAN:
                return build.call("toBool", self.spell(arg))
            case DataType.FLOAT:
                return build.call("toFloat64", build.call("trimBoth", self.spell(arg)) if kind is DataType.TEXT else self.spell(arg))
            case DataType.DATE:
                return self.as_date(node)
            case DataType.TIMESTAMP:
                return self.as_time(node)
            case _:
                return self._text(arg)

    def divide(self, left: Expr, right: Expr) -> exp.Expr:
        """In Float64: Decimal / Integer would keep the Decimal's scale, and a division by zero would give infinity."""
        return build.operation(exp.Div, self._float(left), self.quotient(right), typed=False, safe=False)

    def modulo(self, left: Expr, right: Expr) -> exp.Expr:
        """What is not known to be a whole number must be one: of decimals the engine would give something else.

        So must a divisor that comes from a text: of a LowCardinality the engine divides by the zeros that it keeps where a value is NULL.
        """
        first, second = self.spell(left), self.quotient(right)
        whole = self.type_of(left) is DataType.INTEGER and not isinstance(first, exp.AggFunc)
        if whole and not is_bounded(left) and not self.outgrown(left) and not _is_small(right):
            first = build.call("toInt128", first)  # the least Int16 can't be divided by -1
        if any(self.type_of(part) is DataType.TEXT for part in walk(right)):
            second = build.call("accurateCast", second, build.text("Nullable(Int64)"))
        return build.operation(exp.Mod, self._certainly_whole(left, first), self._certainly_whole(right, second))

    def _certainly_whole(self, arg: Expr, spelled: exp.Expr) -> exp.Expr:
        """As it is where it is known to be an integer; a decimal in disguise fails."""
        return build.call("toInt256", build.call("toString", spelled)) if self.type_of(arg) is DataType.OTHER else spelled

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

    def _decimals(self, exprs: list[Expr]) -> list[exp.Expr]:
        """Results of one CASE: constants take any scale, all else that is not certainly of one scale gets the same."""
        exact = [self.type_of(expr) is DataType.DECIMAL for expr in exprs]
        scales = {scale(expr, self.type_of) for expr, known in zip(exprs, exact, strict=True) if known}
        plain = all(known or isinstance(expr, Literal) for expr, known in zip(exprs, exact, strict=True))
        if plain and len(scales) == 1 and None not in scales:
            return [self.spell(expr) for expr in exprs]
        return [
            self.spell(expr) if _is_small(expr) else build.call("toDecimal256", self.spell(expr), build.digits(_SCALE)) for expr in exprs
        ]

    def _text(self, arg: Expr) -> exp.Expr:
        """As a String, converted where its type is not known to be one."""
        kind = self.type_of(arg)
        if kind is DataType.TIMESTAMP:
            return self.time_text(arg)
        spelled = self.spell(arg)
        return spelled if kind is DataType.TEXT else build.call("toString", spelled)

    def _float(self, arg: Expr) -> exp.Expr:
        """As Float64; sums and ratios of floats are so already, and a constant with a point is one."""
        if isinstance(arg, Literal) and arg.type is DataType.DECIMAL and arg.value is not None:
            return build.digits(str(arg.value))
        spelled = self.spell(arg)
        return spelled if self.type_of(arg) is DataType.FLOAT else build.call("toFloat64", spelled)

    def _positive(self, arg: Expr) -> exp.Expr:
        """As Float64, NULL where it is not above zero; as a float first, since decimals of two scales would be cut to meet."""
        number, zero = self._float(arg), build.digits(0)
        return build.call("nullIf", number if is_never_negative(arg) else build.call("greatest", number, zero), zero.copy())

    def _round(self, arg: Expr, digits: Expr) -> exp.Expr:
        """Half away from zero: Decimals and integers round so, a float goes by the decimal that it is written as."""
        spelled, kind = self.spell(arg), self.type_of(arg)
        if kind is DataType.INTEGER:
            spelled = build.call("toDecimal128", spelled, build.digits(0))
        elif kind is not DataType.DECIMAL:
            written = build.call("trimBoth", spelled) if kind is DataType.TEXT else build.call("toString", spelled)
            spelled = build.call("toDecimal256", written, build.digits(_SCALE))
        return build.call("round", spelled, self.spell(digits))


def _is_small(expr: Expr) -> bool:
    """A constant that fits any integer type, signed or not; NULL fits all."""
    return isinstance(expr, Literal) and (expr.value is None or (isinstance(expr.value, int) and 0 <= expr.value < 128))
