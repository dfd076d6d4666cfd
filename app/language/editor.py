"""A query as parts that can be changed one by one: each in words, with other forms that make complete queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from app.language.calculations import calculation_words
from app.language.edits import before, compared, grains_of, moved_back, wider, with_group, with_metric, without_group, without_metric
from app.language.lexicon import Lexicon
from app.language.restate import group_words, range_words
from app.language.say import say
from app.language.splits import splits
from app.model.answer import Choice, Part, PartRole
from app.model.expr import Binary, Expr, Field, Literal
from app.model.metrics import Window
from app.model.ontology import Ontology
from app.model.periods import first_day, last_day
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.shapes import Compared
from app.model.types import DataType, Grain
from app.sql.expressions.walk import conjunction, conjuncts
from app.sql.joins import JoinGraph

Valid = Callable[[SemanticQuery], bool]
Ways = Iterable[tuple[str, SemanticQuery | None]]

MOST = 8
"""Alternatives of a part."""
_LIMITS = (3, 5, 10, 20, 50)
_YEAR = Window(1, "year")


class Editor:
    """The parts of queries over what one person may see. `valid` says whether a query can be answered for them."""

    def __init__(self, ontology: Ontology, lexicon: Lexicon, joins: JoinGraph, today: dt.date, valid: Valid) -> None:
        self._ontology, self._lexicon, self._joins, self._today, self._valid = ontology, lexicon, joins, today, valid
        self._labels = lexicon.labels

    def parts(self, query: SemanticQuery) -> tuple[Part, ...]:
        """The query's parts in the order in which it is said. Every alternative is valid, and none is the query itself."""
        found: list[Part] = []
        found += [
            self._part(query, PartRole.METRIC, self._labels.metric(name), f"/metrics/{at}", name, self._metrics(query, name))
            for at, name in enumerate(query.metrics)
        ]
        found += [
            self._part(
                query, PartRole.CALCULATION, calculation_words(one.shape, self._labels), f"/calculations/{at}", one, self._shapes(query, at)
            )
            for at, one in enumerate(query.calculations)
        ]
        found += [
            self._part(query, PartRole.GROUP, f"by {group_words(item, self._labels)}", f"/group_by/{at}", item, self._groups(query, at))
            for at, item in enumerate(query.group_by)
        ]
        if query.asked_metrics:
            words = range_words(query.time) if query.time is not None else "all of time"
            found.append(self._part(query, PartRole.PERIOD, words, "/time", query.time, self._periods(query)))
        found += self._conditions(query)
        found += self._rows(query)
        return tuple(found)

    def _part(self, query: SemanticQuery, role: PartRole, text: str, path: str, value: Any, ways: Ways) -> Part:
        choices: dict[SemanticQuery, Choice] = {}
        for words, other in ways:
            if len(choices) == MOST:
                break
            if other is not None and other != query and other not in choices and self._valid(other):
                choices[other] = Choice(words, other)
        return Part(role, text, path, msgspec.to_builtins(value), tuple(choices.values()))

    def _metrics(self, query: SemanticQuery, name: str) -> Ways:
        """Other metrics of the same rows; and the query without this one, where there are several."""
        yield "leave it out", without_metric(query, name)
        home = {given.semantic_model for given in self._joins.grouped_inputs(name)}
        for metric in self._ontology.listed_metrics:
            if {given.semantic_model for given in self._joins.grouped_inputs(metric.name)} == home:
                yield self._labels.metric(metric.name), with_metric(query, name, metric.name)

    def _shapes(self, query: SemanticQuery, at: int) -> Ways:
        """Without the calculation; of a comparison also against other earlier times."""
        one = query.calculations[at]
        rest = tuple(other for other in query.calculations if other is not one)
        named = {item.name for item in query.order_by} | ({query.top.by} if query.top is not None else set())
        if one.name not in named and (rest or query.metrics):
            yield "leave it out", msgspec.structs.replace(query, calculations=rest)
        if isinstance(one.shape, Compared) and query.metrics and query.calculations == compared(query, one.shape.back).calculations:
            for back in (Window(1, "month"), Window(1, "quarter"), _YEAR):
                if not named & {other.name for other in query.calculations}:
                    yield f"against {back.count} {back.grain} before", compared(query, back)

    def _groups(self, query: SemanticQuery, at: int) -> Ways:
        """Other grains of a time, other dimensions in the place of one, and none."""
        item = query.group_by[at]
        if item.grain in set(Grain) and not item.date_part:
            for grain in grains_of(query.time if item.name == "metric_time" else None):
                other = msgspec.structs.replace(item, grain=grain.value)
                yield f"by {group_words(other, self._labels)}", with_group(query, at, other)
        yield "leave it out", without_group(query, at)
        if item.name == "metric_time":
            return
        for facts in splits(query, self._lexicon, self._joins):
            other = GroupBy(facts.name)
            yield f"by {group_words(other, self._labels)}", with_group(query, at, other)

    def _periods(self, query: SemanticQuery) -> Ways:
        """The period before, the same a year ago, the longer ones around it, and all of time; without a period the last ones."""
        for span in self._spans(query.time):
            yield range_words(span), msgspec.structs.replace(query, time=span)
        yield "all of time", msgspec.structs.replace(query, time=None)

    def _spans(self, span: TimeRange | None) -> Iterator[TimeRange]:
        if span is not None:
            earlier = before(span, running=span.end == self._today)
            year = moved_back(span, _YEAR)
            yield from (one for one in (earlier[0] if earlier else None, year) if one is not None)
            yield from wider(span)
            return
        for unit in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
            start = first_day(self._today, unit, periods_later=-1)
            yield TimeRange(start, last_day(start, unit))
        yield TimeRange(first_day(self._today, Grain.YEAR), self._today)

    def _conditions(self, query: SemanticQuery) -> Iterator[Part]:
        for role, field, held in ((PartRole.FILTER, "where", query.where), (PartRole.HAVING, "having", query.having)):
            several = conjuncts(held)
            for at, one in enumerate(several):
                rest = (*several[:at], *several[at + 1 :])
                path = f"/{field}/args/{at}" if len(several) > 1 else f"/{field}"
                ways = [("leave it out", msgspec.structs.replace(query, **{field: conjunction(*rest)}))]
                ways += [
                    (
                        say(other, self._labels),
                        msgspec.structs.replace(query, **{field: conjunction(*several[:at], other, *several[at + 1 :])}),
                    )
                    for other in self._others(one)
                ]
                yield self._part(query, role, say(one, self._labels), path, one, ways)
        for at, name in enumerate(query.segments):
            kept = tuple(one for one in query.segments if one != name)
            ways = [("leave it out", msgspec.structs.replace(query, segments=kept))]
            yield self._part(query, PartRole.FILTER, f"only {name.replace('_', ' ')}", f"/segments/{at}", name, ways)

    def _others(self, condition: Expr) -> Iterator[Expr]:
        """The condition of the dimension's other known values, or of the other truth value."""
        match condition:
            case Binary(op="=", left=Field(date_part=None, grain=""), right=Literal(type=DataType.BOOLEAN, value=bool() as held) as right):
                yield msgspec.structs.replace(condition, right=msgspec.structs.replace(right, value=not held))
            case Binary(op="=", left=Field(date_part=None, grain="") as field, right=Literal(type=DataType.TEXT) as right):
                facts = self._lexicon.at_the_end_of(field.name)
                for value in facts.values if facts is not None and not facts.is_personal else ():
                    if value != right.value:
                        yield msgspec.structs.replace(condition, right=msgspec.structs.replace(right, value=value))

    def _rows(self, query: SemanticQuery) -> Iterator[Part]:
        """The first groups, the order and the limit."""
        if query.top is not None:
            top = query.top
            ways: list[tuple[str, SemanticQuery | None]] = [("all of them", msgspec.structs.replace(query, top=None))]
            ways += [(f"{_end(top.least)} {n}", msgspec.structs.replace(query, top=msgspec.structs.replace(top, count=n))) for n in _LIMITS]
            other = msgspec.structs.replace(top, least=not top.least)
            ways.append((f"{_end(other.least)} {top.count}", msgspec.structs.replace(query, top=other)))
            yield self._part(query, PartRole.TOP, f"{_end(top.least)} {top.count}", "/top", top, ways)
        for at, one in enumerate(query.order_by):
            turned = OrderBy(one.name, not one.descending)
            ways = [(self._ordered(turned, query), _reordered(query, at, (turned,)))]
            if query.limit is None:
                ways.append(("leave it out", _reordered(query, at, ())))
            yield self._part(query, PartRole.ORDER, self._ordered(one, query), f"/order_by/{at}", one, ways)
        if query.limit is not None:
            ways = [(f"{n} rows", msgspec.structs.replace(query, limit=n)) for n in _LIMITS]
            ways.append(("all of them", msgspec.structs.replace(query, limit=None)))
            yield self._part(query, PartRole.LIMIT, f"{query.limit} rows", "/limit", query.limit, ways)

    def _ordered(self, one: OrderBy, query: SemanticQuery) -> str:
        item = next((item for item in query.group_by if item.column == one.name), None)
        if item is not None:
            return f"{group_words(item, self._labels)}, {'last' if one.descending else 'first'} to {'first' if one.descending else 'last'}"
        shape = next((calculation.shape for calculation in query.calculations if calculation.name == one.name), None)
        name = self._labels.metric(one.name).lower() if shape is None else calculation_words(shape, self._labels)
        return f"{name}, {'highest' if one.descending else 'lowest'} first"


def _reordered(query: SemanticQuery, at: int, order: tuple[OrderBy, ...]) -> SemanticQuery:
    return msgspec.structs.replace(query, order_by=(*query.order_by[:at], *order, *query.order_by[at + 1 :]))


def _end(least: bool) -> str:
    return "bottom" if least else "top"
