"""How PostgreSQL says it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from app.model.expr import Binary, Call, Cast, Column, Expr, Extract, Literal, Shift, Truncate
from app.model.types import DataType, DatePart, Grain
from app.sql.expressions.spell import build
from app.sql.expressions.spell.bounds import is_bounded
from app.sql.expressions.spell.domains import positive
from app.sql.expressions.spell.speller import Speller
from app.sql.native_types import POSTGRES_NAMES

_NAMES = {
    "coalesce": "COALESCE",
    "nullif": "NULLIF",
    "greatest": "GREATEST",
    "least": "LEAST",
    "abs": "ABS",
    "floor": "FLOOR",
    "ceil": "CEIL",
    "lower": "LOWER",
    "upper": "UPPER",
    "trim": "BTRIM",
    "ltrim": "LTRIM",
    "rtrim": "RTRIM",
    "length": "LENGTH",
    "concat": "CONCAT",
    "substring": "SUBSTR",
    "left": "LEFT",
    "right": "RIGHT",
    "replace": "REPLACE",
    "position": "STRPOS",
    "starts_with": "STARTS_WITH",
}
_PARTS = {DatePart.DOW: "ISODOW"}
_SECONDS = {Grain.HOUR: 3600, Grain.MINUTE: 60, Grain.SECOND: 1}
_PARTS_OF_SECOND = {Grain.MILLISECOND: 1_000, Grain.MICROSECOND: 1_000_000, Grain.NANOSECOND: 1_000_000_000}
_DIGITS = 9
"""Decimal digits of a text or float that is converted to a decimal without saying how many."""


class PostgresSpeller(Speller):
    """PostgreSQL 14 and later."""

    def literal(self, node: Literal) -> exp.Expr:
        """Decimals are exact as they stand; dates and timestamps are typed."""
        if node.value is None:
            return exp.null()
        if node.type is DataType.BOOLEAN:
            return exp.true() if node.value else exp.false()
        if node.type in (DataType.DATE, DataType.TIMESTAMP):
            return build.cast(build.text(str(node.value)), POSTGRES_NAMES[node.type])
        if node.type is DataType.FLOAT:
            return build.cast(build.digits(str(node.value)), "double precision")
        return build.digits(str(node.value)) if node.type.is_numeric else build.text(str(node.value))

    def call(self, node: Call) -> exp.Expr:
        """A function of the catalogue; numbers go through NUMERIC or DOUBLE PRECISION where the other engine's meaning asks it."""
        name, args = node.name, node.args
        match name:
            case "round":
                return build.call("ROUND", self._numeric(args[0]), *(self.spell(arg) for arg in args[1:]))
            case "ln":
                return build.call("LN", self._double(positive(node)))
            case "sqrt" | "exp" | "power":
                return build.call(name.upper(), *(self._double(arg) for arg in args))
            case "sign":
                return build.cast(build.call("SIGN", self.spell(args[0])), "int")
            case "tuple":
                return exp.Tuple(expressions=[self.spell(arg) for arg in args])
            case "date_diff":
                return self._date_diff(Grain(str(args[0].value)) if isinstance(args[0], Literal) else Grain.DAY, args[1], args[2])
            case "coalesce":
                first, *rest = (self.spell(arg) for arg in args)
                return exp.Coalesce(this=first, expressions=rest)
            case "substring" | "left" | "right":
                return build.call(_NAMES[name], self.spell(args[0]), *(self._place(arg) for arg in args[1:]))
            case "greatest" | "least":
                chosen = build.call(_NAMES[name], *self.ranked(args))
                texts = any(self.type_of(arg) is DataType.TEXT for arg in args)
                return _collated(chosen, "default") if texts else chosen  # else `lower` of it would know ASCII only
            case "concat":
                return build.call("CONCAT", *(self._text(arg) for arg in args))
            case _:
                return build.call(_NAMES[name], *(self.spell(arg) for arg in args))

    def cast(self, node: Cast) -> exp.Expr:
        """Numbers are rounded half away from zero, floats by the digits that they are written with; a text's time is read in the zone that it names."""
        arg, kind = node.arg, self.type_of(node.arg)
        match node.type:
            case DataType.INTEGER if kind is DataType.BOOLEAN:
                return build.cast(self.spell(arg), "int")
            case DataType.INTEGER if kind in (DataType.FLOAT, DataType.OTHER):
                return build.cast(self._numeric(arg), "bigint")
            case DataType.DECIMAL if node.precision is not None:
                held = self._numeric(arg) if kind is DataType.FLOAT else self._counted(arg)
                return build.cast(held, f"numeric({node.precision}, {node.scale or 0})")
            case DataType.DECIMAL if kind in (DataType.FLOAT, DataType.TEXT):
                return build.call("ROUND", self._numeric(arg), build.digits(_DIGITS))
            case DataType.DECIMAL | DataType.FLOAT:
                return build.cast(self._counted(arg), POSTGRES_NAMES[node.type])
            case DataType.BOOLEAN if kind.is_numeric:
                return exp.Paren(this=build.operation(exp.NEQ, self.spell(arg), build.digits(0)))
            case DataType.TIMESTAMP if kind is DataType.TEXT:
                return build.cast(build.cast(self.spell(arg), "timestamptz"), "timestamp")
            case DataType.TEXT if kind is not DataType.OTHER:
                return self._text(arg)
            case _:
                return build.cast(self.spell(arg), POSTGRES_NAMES[node.type])

    def truncate(self, node: Truncate) -> exp.Expr:
        """Days and longer are dates. DATE_TRUNC of a date would go through the session's time zone and back, to the same day."""
        arg, kind = self.spell(node.arg), self.type_of(node.arg)
        if node.grain is Grain.DAY:
            return arg if kind is DataType.DATE else build.cast(arg, "date")
        if kind is DataType.DATE and node.grain.order < Grain.DAY.order:
            arg = build.cast(arg, "timestamp")
        if node.grain is Grain.NANOSECOND:
            return arg
        cut = build.call("DATE_TRUNC", build.text(f"{node.grain}s" if node.grain.order < Grain.SECOND.order else node.grain.value), arg)
        return build.cast(cut, "date") if node.grain.order > Grain.DAY.order else cut

    def extract(self, node: Extract) -> exp.Expr:
        """As an integer; weekdays are ISO."""
        unit = exp.Var(this=_PARTS.get(node.part, node.part.value.upper()))
        return build.cast(exp.Extract(this=unit, expression=self.spell(node.arg)), "int")

    def shift(self, node: Shift) -> exp.Expr:
        """A date moved by days or longer stays a date. Nanoseconds are thousandths of what PostgreSQL keeps: it rounds them."""
        count, unit = (node.count * 3, "month") if node.grain is Grain.QUARTER else (node.count, node.grain.value)
        if node.grain is Grain.NANOSECOND:
            written = f"{abs(count) / 1000:f}".rstrip("0").rstrip(".")
            unit = "microsecond"
        else:
            written = str(abs(count))
        interval = exp.Interval(this=build.text(f"{written} {unit}{'' if written == '1' else 's'}"))
        moved = build.operation(exp.Sub if count < 0 else exp.Add, self.spell(node.arg), interval)
        dated = self.type_of(node.arg) is DataType.DATE and node.grain.order >= Grain.DAY.order
        return build.cast(moved, "date") if dated else moved

    def divide(self, left: Expr, right: Expr) -> exp.Expr:
        """In double precision."""
        return build.operation(exp.Div, self._double(left), self.quotient(right), typed=True, safe=False)

    def modulo(self, left: Expr, right: Expr) -> exp.Expr:
        """Takes the sign of the left side, as everywhere."""
        return build.operation(exp.Mod, self.spell(left), self.quotient(right))

    def join_text(self, left: Expr, right: Expr) -> exp.Expr:
        """What is known to be no text is made one: `||` needs a text on one side."""
        return build.operation(exp.DPipe, self._text(left), self._text(right))

    def ranked(self, exprs: Sequence[Expr]) -> list[exp.Expr]:
        """Texts by their code points: a database's collation would order them by a language, and every server by its own version of it."""
        spelled = self.aligned(exprs)
        if all(self.type_of(expr) is not DataType.TEXT for expr in exprs):
            return spelled
        # One side is enough for columns and constants; two collations that both were named would not meet.
        first = self._by_code_points(exprs[0], spelled[0])
        plain = (Column, Literal)
        return [first] + [
            side if isinstance(expr, plain) else exp.Paren(this=self._by_code_points(expr, side))
            for expr, side in zip(exprs[1:], spelled[1:], strict=True)
        ]

    def ordering(self, expr: Expr) -> exp.Expr:
        """Texts by their code points."""
        spelled = self.spell(expr)
        return self._by_code_points(expr, spelled) if self.type_of(expr) is DataType.TEXT else spelled

    def arithmetic(self, kind: type[exp.Binary], left: Expr, right: Expr) -> exp.Expr:
        """Whole numbers of rows go on in 64 bits, where their own type may have 32: what is more fails, as PostgreSQL has it."""
        if DataType.DATE in (self.type_of(left), self.type_of(right)):
            return build.operation(kind, *(self._place(side) for side in (left, right)))
        sides, exprs = [self.spell(left), self.spell(right)], (left, right)
        if self.outgrows(kind, left, right):
            widest = 1 if is_bounded(left) else 0
            match sides[widest], exprs[widest]:
                case (exp.AggFunc(), _) | (_, Cast(type=DataType.INTEGER)):
                    pass
                case _:
                    sides[widest] = build.cast(sides[widest], "bigint")
        return build.operation(kind, *sides)

    def _place(self, arg: Expr) -> exp.Expr:
        """A place in a text, a count of characters or of days, which must be no BIGINT; anything else as it is."""
        spelled = self.spell(arg)
        return build.cast(spelled, "int") if self.type_of(arg) is DataType.INTEGER and not is_bounded(arg) else spelled

    @staticmethod
    def _by_code_points(expr: Expr, spelled: exp.Expr) -> exp.Expr:
        """With the collation "C". Enumerations, identifiers and the like count as texts here and have none until they are texts."""
        return _collated(spelled if isinstance(expr, Literal | Binary | Call | Cast) else build.cast(spelled, "text"), "C")

    def _text(self, arg: Expr) -> exp.Expr:
        """As a text, converted where its type is known to be another: decimals without zeros at the end, times without their zone."""
        spelled = self.spell(arg)
        match self.type_of(arg):
            case DataType.TEXT | DataType.OTHER:
                return spelled
            case DataType.DECIMAL:
                return build.cast(build.call("TRIM_SCALE", spelled), "text")
            case DataType.TIMESTAMP:
                return build.cast(build.cast(spelled, "timestamp"), "text")
            case _:
                return build.cast(spelled, "text")

    def _double(self, arg: Expr) -> exp.Expr:
        """In double precision."""
        return self.spell(arg) if self.type_of(arg) is DataType.FLOAT else build.cast(self._counted(arg), "double precision")

    def _counted(self, arg: Expr) -> exp.Expr:
        """A boolean as 0 or 1, since none becomes a decimal or a float; anything else as it is."""
        spelled = self.spell(arg)
        return build.cast(spelled, "int") if self.type_of(arg) is DataType.BOOLEAN else spelled

    def _numeric(self, arg: Expr) -> exp.Expr:
        """As a NUMERIC, which rounds half away from zero; a float by the digits that it is written with, of which a plain conversion keeps 15."""
        spelled, kind = self.spell(arg), self.type_of(arg)
        if kind is DataType.DECIMAL:
            return spelled
        return build.cast(build.cast(spelled, "text") if kind is DataType.FLOAT else spelled, "numeric")

    def _date_diff(self, grain: Grain, start: Expr, end: Expr) -> exp.Expr:
        """Boundaries crossed; PostgreSQL has no such function."""
        if grain in _PARTS_OF_SECOND:
            at = [exp.Extract(this=exp.Var(this="EPOCH"), expression=self.truncate(Truncate(time, grain))) for time in (end, start)]
            counted = build.operation(exp.Mul, build.operation(exp.Sub, *at), build.digits(_PARTS_OF_SECOND[grain]))
            return build.cast(counted, "bigint")
        if grain in _SECONDS:
            gap = build.operation(exp.Sub, self.truncate(Truncate(end, grain)), self.truncate(Truncate(start, grain)))
            seconds = build.cast(exp.Extract(this=exp.Var(this="EPOCH"), expression=gap), "bigint")
            return (
                build.operation(exp.Div, seconds, build.digits(_SECONDS[grain]), typed=True, safe=False)
                if grain is not Grain.SECOND
                else seconds
            )
        if grain in (Grain.DAY, Grain.WEEK):
            days = build.operation(exp.Sub, self.truncate(Truncate(end, grain)), self.truncate(Truncate(start, grain)))
            return days if grain is Grain.DAY else build.operation(exp.Div, days, build.digits(7), typed=True, safe=False)
        return build.operation(exp.Sub, self._periods(end, grain), self._periods(start, grain))

    def _periods(self, at: Expr, grain: Grain) -> exp.Expr:
        """Years, quarters or months counted from year 0."""
        year = self.extract(Extract(at, DatePart.YEAR))
        if grain is Grain.YEAR:
            return year
        part, count = (DatePart.QUARTER, 4) if grain is Grain.QUARTER else (DatePart.MONTH, 12)
        return build.operation(exp.Add, build.operation(exp.Mul, year, build.digits(count)), self.extract(Extract(at, part)))


def _collated(text: exp.Expr, collation: str) -> exp.Collate:
    """A text under a collation."""
    return exp.Collate(this=build.within(text, build.ATOM), expression=exp.Identifier(this=collation, quoted=True))
