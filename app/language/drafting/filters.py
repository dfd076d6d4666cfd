"""The filters of a draft as conditions, made as the grounded interpreter makes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.language.build import Builder
from app.language.conditions import Settled, days_of_week, where
from app.language.drafting.form import Filter, Op
from app.language.drafting.literals import NoValueError, Values
from app.language.drafting.shapes import COMPARISONS, Say
from app.language.senses import DimensionFacts
from app.model.expr import Binary, Expr, Field, IsNull, Literal
from app.model.query import TimeRange
from app.model.types import DataType
from app.sql.expressions.walk import conjunction

MOST_VALUES = 200
NO_ITEM = "there is no such dimension, or no join leads there from these metrics"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PARTS = {name: str(number) for number, name in enumerate(_DAYS, 1)} | {"weekend": "weekend", "weekday": "weekday"}
_EMPTY = (Op.EMPTY, Op.NOT_EMPTY)


class Filters:
    """Reads the filters of one draft; `metrics` are those from which the dimensions are looked at."""

    def __init__(self, builder: Builder, values: Values, metrics: tuple[str, ...], say: Say) -> None:
        self._builder, self._values, self._metrics, self._say = builder, values, metrics, say

    def condition(self, listed: Sequence[Filter]) -> Expr | None:
        """All of them must hold."""
        settled: list[Settled] = []
        dated: list[tuple[str, TimeRange]] = []
        others: list[Expr | None] = []
        for at, one in enumerate(listed):
            path = f"filters[{at}]"
            try:
                if one.name == "metric_time":
                    others.append(self._days(path, one))
                    continue
                name = self._builder.lexicon.display.get(one.name, one.name)
                whole = self._builder.item(name, self._metrics) or self._builder.again(name, self._metrics)
                if whole is None:
                    self._say(f"{path}.name", NO_ITEM)
                    continue
                if len(one.values) > MOST_VALUES or (not one.values and one.op not in _EMPTY):
                    self._say(f"{path}.values", f"1 to {MOST_VALUES} values")
                elif one.op in _EMPTY:
                    others.append(IsNull(Field(whole), negated=one.op is Op.NOT_EMPTY))
                else:
                    self._one(path, one, whole, settled, dated, others)
            except NoValueError as error:
                self._say(f"{path}.values", str(error))
        return conjunction(where(settled, dated), *others)

    def _one(
        self, path: str, one: Filter, whole: str, settled: list[Settled], dated: list[tuple[str, TimeRange]], others: list[Expr | None]
    ) -> None:
        facts = self._builder.lexicon.at_the_end_of(whole)
        if facts is not None and facts.is_time:
            if one.op is Op.IN_PERIOD:
                span = self._values.period(one.values[0])
                dated += [(whole, span)] if span is not None else []
            else:
                others.append(self._date(path, one, whole))
            return
        if one.op not in COMPARISONS:
            self._say(f"{path}.op", "this is said of times only")
            return
        if one.op in (Op.IS, Op.IS_NOT):
            for text in one.values:
                value = self._values.value(facts, text)
                negated = (one.op is Op.IS_NOT) if not isinstance(value, bool) else (value is (one.op is Op.IS_NOT))
                settled.append(Settled(whole, True if isinstance(value, bool) else value, negated=negated))
            return
        self._compared(path, one, whole, facts, settled)

    def _compared(self, path: str, one: Filter, whole: str, facts: DimensionFacts | None, settled: list[Settled]) -> None:
        value = self._values.value(facts, one.values[0])
        if isinstance(value, bool | str) or len(one.values) > 1:
            self._say(f"{path}.op", "only a number can be more or less, and than one other")
        else:
            settled.append(Settled(whole, value, COMPARISONS[one.op]))

    def _date(self, path: str, one: Filter, whole: str) -> Expr | None:
        if one.op not in COMPARISONS or len(one.values) > 1:
            self._say(f"{path}.op", "a time is compared with one date, or lies `in_period`")
            return None
        try:
            date = dt.date.fromisoformat(one.values[0].strip())
        except ValueError:
            raise NoValueError("dates look like 2026-06-30; words of a period stand with `in_period`") from None
        return Binary(COMPARISONS[one.op], Field(whole, "time_dimension"), Literal(date.isoformat(), DataType.DATE))

    def _days(self, path: str, one: Filter) -> Expr | None:
        """Of `metric_time` only days of the week are a filter: all else is the period."""
        words = [text.strip().lower() for text in one.values]
        if one.op is not Op.ON_DAYS or not words or not set(words) <= set(_PARTS):
            self._say(path, "of `metric_time` only `on_days` is said, of `weekend`, `weekday` or days; its range is `period`")
            return None
        return days_of_week([_PARTS[word] for word in words])
