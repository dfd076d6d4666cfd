"""Which chart shows an answer, as a Vega-Lite specification without the rows: chosen by what the columns mean, never by what their values are.

Along time a line, or bars where few amounts of periods stand side by side; by one dimension bars in the answer's order; by two stacked bars where the metric adds up,
else bars beside one another: parts of a ratio or of a distinct count are no parts of a whole. One number needs no chart, and three dimensions have none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.language.additive import sum_of
from app.language.calculations import calculation_definitions
from app.language.define import define
from app.language.formats import d3_format
from app.language.restate import group_words
from app.language.say import Labels
from app.model.answer import Definition
from app.model.ontology import Ontology
from app.model.query import GroupBy, SemanticQuery
from app.model.result import Result
from app.model.shapes import GROUPING, Compared, Grouping, MetricValue, Moving, Running, Share, Show, Totals
from app.model.types import DataType, DatePart, Grain

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
DATA = "results"
MOST_BARS = 30
MOST_SERIES = 12
FEW_PERIODS = 12
_STEP = 22
_UNITS = {
    Grain.YEAR: "year",
    Grain.QUARTER: "yearquarter",
    Grain.MONTH: "yearmonth",
    Grain.WEEK: "yearmonthdate",
    Grain.DAY: "yearmonthdate",
    Grain.HOUR: "yearmonthdatehours",
}
_FINEST = "yearmonthdatehoursminutesseconds"
_PARTS = {
    DatePart.DOW: "['Mon','Tue','Wed','Thu','Fri','Sat','Sun'][datum.value - 1]",
    DatePart.MONTH: "['Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec'][datum.value - 1]",
    DatePart.QUARTER: "'Q' + datum.value",
}

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is drawn: columns of one unit, how their values are written, and whether parts of them add up."""

    columns: tuple[str, ...]
    titles: tuple[str, ...]
    title: str
    form: str
    adds_up: bool


def chart(query: SemanticQuery, result: Result, ontology: Ontology, labels: Labels) -> Spec | None:
    """The specification, whose data is named `results`; None where a chart would say nothing: one row, no number, too many columns or groups."""
    held = {column.name: column.type for column in result.columns}
    shown = _shown(query, held, ontology, labels)
    items = [item for item in query.group_by if item.column in held]
    if shown is None or result.row_count < 2 or not items or len(items) < len(query.group_by):
        return None
    sizes = {item.column: len(set(data)) for item, data in _data(result, items)}
    times = [item for item in items if item.grain in set(Grain) and not item.date_part and held[item.column].is_temporal]
    others = [item for item in items if item not in times]
    made: Spec | None = None
    if len(times) == 1 and len(others) <= 1:
        made = _along(times[0], others, shown, sizes, held, labels)
    elif not times and len(others) == 1:
        made = _bars(others[0], shown, result.row_count, query, labels)
    elif not times and len(others) == 2:
        made = _two(others, shown, sizes, labels)
    if made is None:
        return None
    transform = [*_groups_alone(query, items), *made.pop("transform", ())]
    head: Spec = {"$schema": SCHEMA, "data": {"name": DATA}, "width": "container"}
    return {**head, **({"transform": transform} if transform else {}), **made}


def _data(result: Result, items: Sequence[GroupBy]) -> list[tuple[GroupBy, tuple[Any, ...]]]:
    data = {column.name: values for column, values in zip(result.columns, result.data, strict=True)}
    return [(item, data[item.column]) for item in items]


def _shown(query: SemanticQuery, held: Mapping[str, DataType], ontology: Ontology, labels: Labels) -> _Shown | None:
    """The columns to draw: shares where they are asked for, else the first metric with what else is of its unit."""
    metrics = [metric for name in query.metrics if name in held and (metric := ontology.metric(name)) is not None]
    told: dict[str, Definition] = {metric.name: define(metric, ontology, labels) for metric in metrics}
    told |= {one.metric: one for one in calculation_definitions(query, ontology, labels)}
    shares = [one.name for one in query.calculations if isinstance(one.shape, Share) and isinstance(one.shape.of, MetricValue)]
    alike = [one.name for one in query.calculations if _is_of_its_metric(one.shape)]
    names = shares[:1] or [name for name in (*(m.name for m in metrics), *alike) if name in held and held[name].is_numeric]
    names = names or [one.name for one in query.calculations][:1]
    if not names or not held.get(names[0], DataType.TEXT).is_numeric:
        return None
    first = told[names[0]]
    same = [name for name in names if (told[name].unit, told[name].format) == (first.unit, first.format)]
    titles = tuple(told[name].label if told[name].type != "calculation" else _capital(told[name].formula) for name in same)
    unit = first.unit if not d3_format(first).endswith("%") else ""
    metric = ontology.metric(names[0])
    adds_up = bool(shares) or (metric is not None and sum_of(metric, ontology) is not None)
    title = f"{titles[0]}{f' ({unit})' if unit else ''}" if len(titles) == 1 else unit
    return _Shown(tuple(same), titles, title, d3_format(first), adds_up)


def _is_of_its_metric(shape: object) -> bool:
    """Whether a calculation's values are of the unit of its metric."""
    own = isinstance(shape, Running | Moving) or (isinstance(shape, Compared) and shape.show is Show.VALUE)
    return own and isinstance(getattr(shape, "of", None), MetricValue)


def _along(
    time: GroupBy, others: Sequence[GroupBy], shown: _Shown, sizes: Mapping[str, int], held: Mapping[str, DataType], labels: Labels
) -> Spec | None:
    """Along time: several columns, or groups of one, are lines of their own colours; the amounts of few periods are bars."""
    several = len(shown.columns) > 1
    if others and (several or sizes[others[0].column] > MOST_SERIES):
        return None
    when = {**_time(time, held[time.column]), "title": _capital(group_words(time, labels))}
    series = [_category(others[0], labels)] if others else [_COLUMN] if several else []
    bars = not series and shown.adds_up and sizes[time.column] <= FEW_PERIODS
    mark: Spec = {"type": "bar"} if bars else {"type": "line", "point": sizes[time.column] <= 2 * MOST_BARS}
    value = {**_axis(shown), "scale": {"zero": shown.adds_up}}
    encoding: Spec = {"x": when, "y": value, "tooltip": [when, *series, _tip(shown)]}
    return {"mark": mark, "encoding": encoding | ({"color": series[0]} if series else {}), **_folded(shown)}


def _bars(item: GroupBy, shown: _Shown, rows: int, query: SemanticQuery, labels: Labels) -> Spec:
    """By one dimension: bars that lie, in the answer's order where it has one; parts of a date stand, in theirs."""
    standing, several = item.date_part is not None, len(shown.columns) > 1
    ordered = bool(query.order_by) or query.top is not None or several
    category = _category(item, labels)
    place: Spec = {**category, "sort": "ascending" if standing else None if ordered else "-x"}
    if standing and item.date_part in _PARTS:
        place["axis"] = {"labelExpr": _PARTS[item.date_part], "labelAngle": 0}
    along, across = ("y", "x") if standing else ("x", "y")
    encoding: Spec = {across: place, along: _axis(shown), "tooltip": [category, *([_COLUMN] if several else []), _tip(shown)]}
    if several:
        encoding |= {"color": _COLUMN, f"{across}Offset": {"field": "column"}}
    made: Spec = {"mark": {"type": "bar"}, "encoding": encoding, **_folded(shown)}
    if standing:
        return made
    made["height"] = {"step": _STEP}
    if rows > MOST_BARS:
        window: Spec = {"window": [{"op": "row_number", "as": "place"}]}
        if not ordered:
            window["sort"] = [{"field": _name(shown.columns[0]), "order": "descending"}]
        made["transform"] = [window, {"filter": f"datum.place <= {MOST_BARS}"}, *made.get("transform", ())]
        made["title"] = {"text": f"{MOST_BARS} of {rows:,}: the others are not shown", "fontWeight": "normal", "fontSize": 12}
    return made


def _two(items: Sequence[GroupBy], shown: _Shown, sizes: Mapping[str, int], labels: Labels) -> Spec | None:
    """By two dimensions: the one with more values along the axis, the other one in colours."""
    first, second = sorted(items, key=lambda item: -sizes[item.column])
    if len(shown.columns) > 1 or sizes[first.column] > MOST_BARS or sizes[second.column] > MOST_SERIES:
        return None
    stacked = shown.adds_up
    colour = _category(second, labels)
    encoding: Spec = {
        "y": {**_category(first, labels), "sort": "-x"},
        "x": {**_axis(shown), "stack": "zero" if stacked else None},
        "color": colour,
        "tooltip": [_category(first, labels), colour, _tip(shown)],
    }
    if not stacked:
        encoding["yOffset"] = {"field": _name(second.column)}
    return {"mark": {"type": "bar"}, "encoding": encoding, "height": {"step": _STEP if stacked else _STEP // 2}}


_COLUMN: Spec = {"field": "column", "type": "nominal", "title": None}


def _axis(shown: _Shown) -> Spec:
    """The axis of numbers: of one column, or of the one into which several are folded."""
    field = _name(shown.columns[0]) if len(shown.columns) == 1 else "value"
    return {"field": field, "type": "quantitative", "title": shown.title or None, "axis": {"format": shown.form}}


def _tip(shown: _Shown) -> Spec:
    axis = _axis(shown)
    return {"field": axis["field"], "type": "quantitative", "title": shown.title or "Value", "format": shown.form}


def _folded(shown: _Shown) -> Spec:
    """Several columns as rows of one, each under its title."""
    if len(shown.columns) == 1:
        return {}
    titles = json.dumps(dict(zip(shown.columns, shown.titles, strict=True)), ensure_ascii=False)
    fold = {"fold": [_name(column) for column in shown.columns], "as": ["column", "value"]}
    return {"transform": [fold, {"calculate": f"{titles}[datum.column]", "as": "column"}]}


def _time(item: GroupBy, kind: DataType) -> Spec:
    """A time in its own unit. Dates are read as UTC, so that no browser's zone moves them to the day before."""
    unit = _UNITS.get(Grain(item.grain), _FINEST)
    return {"field": _name(item.column), "type": "temporal", "timeUnit": f"utc{unit}" if kind is DataType.DATE else unit}


def _category(item: GroupBy, labels: Labels) -> Spec:
    kind = "ordinal" if item.date_part is not None else "nominal"
    return {"field": _name(item.column), "type": kind, "title": _capital(group_words(item, labels))}


def _groups_alone(query: SemanticQuery, items: Sequence[GroupBy]) -> list[Spec]:
    """Without the rows that stand for totals: a total is no group beside its parts."""
    if query.totals is Totals.NONE:
        return []
    return [{"filter": f"datum[{json.dumps(item.column + GROUPING)}] !== '{Grouping.TOTAL}'"} for item in items]


def _name(column: str) -> str:
    """A column as Vega-Lite names a field: dots and brackets would lead into an object."""
    return re.sub(r"([.\[\]\\'\"])", r"\\\1", column)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
