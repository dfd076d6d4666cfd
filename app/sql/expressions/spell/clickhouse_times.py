"""Times in ClickHouse. A column may bear a zone of its own, in which its functions would count; ours count in UTC, whatever the column or session says.

What differs, and was measured on 26.9: functions of Date wrap around outside of 1970–2149, of DateTime outside of 1970–2106, where Date32 and DateTime64
don't; `dateTrunc` of a DateTime64 before 1970 with a fraction of a second gives the next period, where `toDate32` and `toStartOfSecond` don't;
`dateTrunc(…, toDate32(ts))` can use a table's order and `dateTrunc(…, ts)` cannot; a Date beside a time is taken as midnight in the time's own zone.
"""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import Cast, Expr, Extract, Literal, Shift, Truncate
from app.model.types import DataType, DatePart, Grain
from app.sql.expressions.spell import build
from app.sql.expressions.spell.speller import Speller

_PARTS = {
    DatePart.YEAR: "toYear",
    DatePart.QUARTER: "toQuarter",
    DatePart.MONTH: "toMonth",
    DatePart.DAY: "toDayOfMonth",
    DatePart.DOW: "toDayOfWeek",
    DatePart.DOY: "toDayOfYear",
}
_MICROSECONDS, _NANOSECONDS = 6, 9


class ClickHouseTimes(Speller):
    """The part of ClickHouse's speller that deals with times."""

    def truncate(self, node: Truncate) -> exp.Expr:
        """Days and longer are dates; shorter ones times in UTC."""
        arg, grain = node.arg, node.grain
        if grain is Grain.DAY:
            return self.day(arg)
        if grain.order > Grain.DAY.order:
            # The Monday before 1970-01-01 is no Date.
            held = self.wide_day(arg) if grain is Grain.WEEK else self.day(arg)
            return build.call("dateTrunc", build.text(grain.value), held)
        if grain is Grain.NANOSECOND:
            return self.spell(arg) if self.type_of(arg) is DataType.TIMESTAMP else self.instant(arg, _NANOSECONDS)
        held = self.instant(arg)
        if grain.order >= Grain.SECOND.order:
            held = build.call("toStartOfSecond", held)
        return held if grain in (Grain.SECOND, Grain.MICROSECOND) else build.call("dateTrunc", build.text(grain.value), held)

    def extract(self, node: Extract) -> exp.Expr:
        """Weekdays are ISO as they come."""
        zone: list[exp.Expr] = [] if self.type_of(node.arg) is DataType.DATE else [build.text("UTC")]
        if zone and node.part is DatePart.DOW:
            zone.insert(0, build.digits(0))  # the mode in which Monday is 1
        return build.call(_PARTS[node.part], self.spell(node.arg), *zone)

    def shift(self, node: Shift) -> exp.Expr:
        """addMonths and its kin keep to the last day of a shorter month, as PostgreSQL does. Counted in UTC, where every day has 24 hours."""
        if self.type_of(node.arg) is DataType.DATE and node.grain.order >= Grain.DAY.order:
            held = self.wide_day(node.arg)
        else:
            held = self.instant(node.arg, _NANOSECONDS if node.grain is Grain.NANOSECOND else _MICROSECONDS)
        return build.call(f"add{node.grain.value.capitalize()}s", held, build.digits(node.count))

    def day(self, arg: Expr) -> exp.Expr:
        """As a Date or Date32."""
        return self.spell(arg) if self.type_of(arg) is DataType.DATE else self.wide_day(arg)

    def wide_day(self, arg: Expr) -> exp.Expr:
        """As a Date32, which does not wrap around."""
        spelled, kind = self.spell(arg), self.type_of(arg)
        if kind is not DataType.DATE:
            return build.call("toDate32", spelled, build.text("UTC"))
        made = isinstance(arg, Literal | Shift) or (isinstance(arg, Truncate | Cast) and self.type_of(arg.arg) is not DataType.DATE)
        return spelled if made else build.call("toDate32", spelled)

    def instant(self, arg: Expr, digits: int = _MICROSECONDS) -> exp.Expr:
        """As a DateTime64 in UTC."""
        return build.call("toDateTime64", self._written(arg), build.digits(digits), build.text("UTC"))

    def beside_times(self, arg: Expr) -> exp.Expr:
        """What is compared with a time, or chosen beside one: a date as its midnight in UTC."""
        return self.instant(arg) if self.type_of(arg) is DataType.DATE else self.spell(arg)

    def difference(self, grain: Grain, start: Expr, end: Expr) -> exp.Expr:
        """Boundaries of the grain crossed, counted over days from days on; `dateDiff` alone miscounts weeks, and fractions, before 1970."""
        if grain.order >= Grain.DAY.order:
            first, last = (self.truncate(Truncate(at, Grain.WEEK)) if grain is Grain.WEEK else self.wide_day(at) for at in (start, end))
            if grain is Grain.WEEK:
                return build.call("intDiv", build.call("dateDiff", build.text("day"), first, last), build.digits(7))
            return build.call("dateDiff", build.text(grain.value), first, last)
        cut = (self.truncate(Truncate(at, grain)) for at in (start, end))
        return build.call("dateDiff", build.text(grain.value), *cut)

    def as_date(self, node: Cast) -> exp.Expr:
        """A text's date is the one that is written first in it, in ISO's form; `toDate32` would take the 30th of February for the 1st of March."""
        if self.type_of(node.arg) is not DataType.TEXT:
            return self.day(node.arg)
        written = build.call("left", build.call("trimBoth", self.spell(node.arg)), build.digits(10))
        return build.call("toDate32", build.call("parseDateTime64BestEffort", written, build.digits(_MICROSECONDS), build.text("UTC")))

    def as_time(self, node: Cast) -> exp.Expr:
        """A text's time is read in the zone that it names, else in UTC."""
        match self.type_of(node.arg):
            case DataType.TIMESTAMP:
                return self.spell(node.arg)
            case DataType.TEXT:
                return build.call("parseDateTime64BestEffort", self.spell(node.arg), build.digits(_MICROSECONDS), build.text("UTC"))
            case _:
                return self.instant(node.arg)

    def time_text(self, arg: Expr) -> exp.Expr:
        """`2024-01-31 12:00:00`, with the fraction of a second only where there is one."""
        return build.call("replaceRegexpOne", build.call("toString", self.instant(arg)), build.text("\\.?0+$"), build.text(""))

    def _written(self, arg: Expr) -> exp.Expr:
        """A constant as its text, anything else as it is spelled."""
        constant = isinstance(arg, Literal) and arg.value is not None and arg.type.is_temporal
        return build.text(str(arg.value)) if constant and isinstance(arg, Literal) else self.spell(arg)
