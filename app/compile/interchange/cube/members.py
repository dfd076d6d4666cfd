"""Metrics as measures of cubes, with hidden measures for the parts that are no metrics of their own."""

from __future__ import annotations

from typing import Any

from app.compile.interchange.definitions import Definition
from app.compile.interchange.exporting import Exporting, foreign_meta
from app.compile.interchange.extension import KEY, sealed
from app.compile.interchange.plain import Aggregated, Calculated, Part, Reference, Unsayable
from app.compile.interchange.plain_sql import aggregate_sql, calculated_sql, split_condition
from app.compile.interchange.sql_text import Leaf, Unspeakable, quoted, sql_of
from app.model.expr import Column, Field, Literal
from app.model.metrics import Metric, Window
from app.model.types import Aggregation

Data = dict[str, Any]
_TYPES = {
    Aggregation.SUM: "sum",
    Aggregation.SUM_BOOLEAN: "sum",
    Aggregation.AVERAGE: "avg",
    Aggregation.MIN: "min",
    Aggregation.MAX: "max",
    Aggregation.COUNT: "count",
    Aggregation.COUNT_DISTINCT: "count_distinct",
}
_CURRENCY = 3
_GRAINS = ("minute", "hour", "day", "week", "month", "quarter", "year")


class CubeMeasures:
    """The measures of all cubes of an export."""

    def __init__(self, export: Exporting, cubes: dict[str, Data]) -> None:
        self.export = export
        self._taken = {name: {member["name"] for member in cube.get("dimensions", ())} for name, cube in cubes.items()}
        self._made: dict[str, dict[str, Data]] = {name: {} for name in cubes}
        self._helpers: set[tuple[str, str]] = set()
        self._places: dict[str, tuple[str, str]] = {}

    def of(self, cube: str) -> list[Data]:
        """The measures of a cube."""
        return list(self._made[cube].values())

    def helpers(self, cube: str) -> list[str]:
        """The hidden measures of a cube that are parts of others: `orders.orders_before`."""
        return sorted(f"{home}.{name}" for home, name in self._helpers if home == cube)

    def add(self, metric: Metric, definition: Definition | None) -> bool:
        """Write a metric, and what it stands on before it; whether it could be."""
        if metric.name in self._places:
            self._seal(metric.name, definition)
            return True
        part = self.export.sayable(metric)
        if part is None:
            return False
        try:
            self._metric(metric, part)
        except (Unsayable, Unspeakable) as error:
            self.export.unsayable(metric, str(error))
            return False
        self._seal(metric.name, definition)
        return True

    def _seal(self, name: str, definition: Definition | None) -> None:
        cube, measure = self._places[name]
        made = self._made[cube][measure]
        if definition is not None and KEY not in made.get("meta", {}):
            made["meta"] = made.get("meta", {}) | {KEY: sealed(definition, dict(made))}

    def _metric(self, metric: Metric, part: Part) -> tuple[str, str]:
        """Cube and name of the measure for a metric. Raises Unsayable or Unspeakable."""
        if metric.name in self._places:
            return self._places[metric.name]
        cube = self.export.plain.home(part).name
        body = self._body(part, cube, metric.name)
        name = self._name(cube, metric.name)
        if name != metric.name:
            where = self.export.where(f"metric.{metric.name}")
            self.export.missing.tell(
                f"metric `{metric.name}`", "the cube has a dimension of the name", f"its name, which is `{name}` there", where
            )
        made: Data = {"name": name} | body
        made |= {"title": metric.label} if metric.label else {}
        made |= {"description": metric.description} if metric.description else {}
        if len(metric.unit) == _CURRENCY and metric.unit.isupper():
            made["format"] = "currency"
        words = {"synonyms": list(metric.synonyms), "unit": metric.unit, "format": metric.format}
        meta = foreign_meta(metric.meta) | {key: value for key, value in words.items() if value}
        made |= {"meta": meta} if meta else {}
        self._made[cube][name] = made
        self._places[metric.name] = (cube, name)
        return cube, name

    def _body(self, part: Part, cube: str, name: str) -> Data:
        """Type, SQL and what else makes a measure of a part."""
        match part:
            case Aggregated():
                return self._aggregation(part, cube)
            case Reference(metric=metric, offset=offset):
                text = self._named(self._of_metric(metric), cube)
                return {"sql": text, "type": "number"} | (_shifted(offset) if offset else {})
            case Calculated(expr=expr, parts=parts):
                texts = {alias: self._named(self._part(given, name, alias), cube) for alias, given in parts}
                staged = any(isinstance(given, Reference) and given.offset for _, given in parts)
                made: Data = {"sql": calculated_sql(expr, lambda alias: texts[alias], self.export.dialect), "type": "number"}
                return made | ({"multi_stage": True} if staged else {})

    def _aggregation(self, part: Aggregated, cube: str) -> Data:
        counts = part.measure.agg in (Aggregation.COUNT, Aggregation.COUNT_DISTINCT)
        if part.measure.agg not in _TYPES or (part.fill is not None and not counts):
            if part.accumulated:
                raise Unsayable("a running total is of a plain aggregation")
            return {"sql": aggregate_sql(part, leaf_of(cube), self.export.dialect), "type": "number"}
        value, condition = split_condition(part)
        made: Data = {}
        if not isinstance(value, Literal):
            made["sql"] = sql_of(value, leaf_of(cube), self.export.dialect, true_division=True)
        made["type"] = _TYPES[part.measure.agg]
        if condition is not None:
            made["filters"] = [{"sql": sql_of(condition, leaf_of(cube), self.export.dialect, true_division=True)}]
        if part.accumulated:
            made["rolling_window"] = _window(part)
        return made

    def _part(self, part: Part, name: str, alias: str) -> tuple[str, str]:
        """The measure for a part of a calculation: a metric's, or a hidden one. Raises Unsayable or Unspeakable."""
        if isinstance(part, Reference) and part.offset is None:
            return self._of_metric(part.metric)
        cube = self.export.plain.home(part).name
        body = self._body(part, cube, f"{name}_{alias}")
        helper = self._name(cube, f"{name}_{alias}")
        self._made[cube][helper] = {"name": helper} | body | {"public": False}
        self._helpers.add((cube, helper))
        return cube, helper

    def _of_metric(self, name: str) -> tuple[str, str]:
        metric = self.export.ontology.metric(name)
        if metric is None:
            raise Unsayable(f"there is no metric `{name}`")
        return self._metric(metric, self.export.plain.metric(name))

    def _named(self, place: tuple[str, str], cube: str) -> str:
        home, name = place
        if home == cube:
            return f"{{{name}}}" if name not in self._made else f"{{CUBE.{name}}}"
        return f"{{{home}.{name}}}"

    def _name(self, cube: str, wanted: str) -> str:
        name = wanted
        while name in self._taken[cube]:
            name += "_metric"
        self._taken[cube].add(name)
        return name


def leaf_of(cube: str) -> Leaf:
    """Columns of the cube itself, and of others by their name."""

    def named(leaf: Column | Field) -> str:
        if isinstance(leaf, Field):
            raise Unspeakable(f"`{leaf.name}` is a semantic reference")
        return f"{{{'CUBE' if leaf.table == cube else leaf.table}}}.{quoted(leaf.name)}"

    return named


def _window(part: Aggregated) -> Data:
    if part.to_date:
        if part.to_date not in _GRAINS:
            raise Unsayable(f"`{part.to_date}` is a custom granularity")
        return {"type": "to_date", "granularity": part.to_date}
    if part.window is None:
        return {"trailing": "unbounded"}
    return {"trailing": _span(part.window)}


def _shifted(offset: Window) -> Data:
    return {"multi_stage": True, "time_shift": [{"interval": _span(offset), "type": "prior"}]}


def _span(window: Window) -> str:
    if window.grain not in _GRAINS:
        raise Unsayable(f"`{window.grain}` is no interval there")
    return f"{window.count} {window.grain}"
