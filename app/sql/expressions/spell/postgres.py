"""How PostgreSQL says it."""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import Call, Cast, Expr, Extract, Literal, Shift, Truncate
from app.model.types import DataType, DatePart, Grain
from app.sql.expressions.spell import build
from app.sql.expressions.spell.speller import Speller

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
_NATIVE = {
    DataType.TEXT: "text",
    DataType.INTEGER: "bigint",
    DataType.DECIMAL: "numeric",
    DataType.FLOAT: "double precision",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date",
    DataType.TIMESTAMP: "timestamp",
}
_SECONDS = {Grain.HOUR: 3600, Grain.MINUTE: 60, Grain.SECOND: 1}


class PostgresSpeller(Speller):
    """PostgreSQL 14 and later."""

    def literal(self, node: Literal) -> exp.Expr:
        """Decimals are exact as they stand; dates and timestamps are typed."""
        if node.value is None:
            return exp.null()
        if node.type is DataType.BOOLEAN:
            return exp.true() if node.value else exp.false()
        if node.type in (DataType.DATE, DataType.TIMESTAMP):
            return build.cast(build.text(str(node.value)), _NATIVE[node.type])
        if node.type is DataType.FLOAT:
            return build.cast(build.digits(str(node.value)), "double precision")
        return build.digits(str(node.value)) if node.type.is_numeric else build.text(str(node.value))

    def call(self, node: Call) -> exp.Expr:
        """A function of the catalogue; numbers go through NUMERIC or DOUBLE PRECISION where the other engine's meaning asks it."""
        name, args = node.name, node.args
        match name:
            case "round":
                return build.call("ROUND", self._numeric(args[0]), *(self.spell(arg) for arg in args[1:]))
            case "sqrt" | "ln" | "exp" | "power":
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
            case _:
                return build.call(_NAMES[name], *(self.spell(arg) for arg in args))

    def cast(self, node: Cast) -> exp.Expr:
        """Numbers become integers by rounding half away from zero, from whatever type they come."""
        arg, kind = node.arg, self.type_of(node.arg)
        if node.type is DataType.DECIMAL and node.precision is not None:
            return build.cast(self.spell(arg), f"numeric({node.precision}, {node.scale or 0})")
        if node.type is DataType.INTEGER:
            if kind is DataType.BOOLEAN:
                return build.cast(self.spell(arg), "int")
            if kind in (DataType.FLOAT, DataType.OTHER):
                return build.cast(build.cast(self.spell(arg), "numeric"), "bigint")
        return build.cast(self.spell(arg), _NATIVE[node.type])

    def truncate(self, node: Truncate) -> exp.Expr:
        """Days and longer are dates. DATE_TRUNC of a date would go through the session's time zone and back, to the same day."""
        arg, kind = self.spell(node.arg), self.type_of(node.arg)
        if node.grain is Grain.DAY:
            return arg if kind is DataType.DATE else build.cast(arg, "date")
        if node.grain is Grain.NANOSECOND:
            return arg
        if kind is DataType.DATE and node.grain.order < Grain.DAY.order:
            arg = build.cast(arg, "timestamp")
        cut = build.call("DATE_TRUNC", build.text(f"{node.grain}s" if node.grain.order < Grain.SECOND.order else node.grain.value), arg)
        return build.cast(cut, "date") if node.grain.order > Grain.DAY.order else cut

    def extract(self, node: Extract) -> exp.Expr:
        """As an integer; weekdays are ISO."""
        unit = exp.Var(this=_PARTS.get(node.part, node.part.value.upper()))
        return build.cast(exp.Extract(this=unit, expression=self.spell(node.arg)), "int")

    def shift(self, node: Shift) -> exp.Expr:
        """A date moved by days or longer stays a date."""
        count, unit = (node.count * 3, "month") if node.grain is Grain.QUARTER else (node.count, node.grain.value)
        interval = exp.Interval(this=build.text(f"{abs(count)} {unit}{'' if abs(count) == 1 else 's'}"))
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

    def _text(self, arg: Expr) -> exp.Expr:
        """As a text, converted where its type is known to be another."""
        spelled = self.spell(arg)
        return spelled if self.type_of(arg) in (DataType.TEXT, DataType.OTHER) else build.cast(spelled, "text")

    def _double(self, arg: Expr) -> exp.Expr:
        """In double precision."""
        spelled = self.spell(arg)
        return spelled if self.type_of(arg) is DataType.FLOAT else build.cast(spelled, "double precision")

    def _numeric(self, arg: Expr) -> exp.Expr:
        """As a NUMERIC, which rounds half away from zero."""
        spelled = self.spell(arg)
        return spelled if self.type_of(arg) is DataType.DECIMAL else build.cast(spelled, "numeric")

    def _date_diff(self, grain: Grain, start: Expr, end: Expr) -> exp.Expr:
        """Boundaries crossed; PostgreSQL has no such function."""
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
