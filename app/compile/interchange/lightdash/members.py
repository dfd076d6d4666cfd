"""Metrics as Lightdash has them, at the dbt model of their first measure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.compile.interchange.exporting import Exporting, foreign_meta
from app.compile.interchange.plain import Aggregated, Calculated, Part, Reference, Unsayable, models_of
from app.compile.interchange.plain_sql import aggregate_sql, calculated_sql
from app.compile.interchange.sql_text import Unspeakable, quoted, sql_of
from app.model.expr import Column, Field
from app.model.metrics import Metric
from app.model.types import Aggregation

Data = dict[str, Any]
_TYPES = {
    Aggregation.SUM: "sum",
    Aggregation.SUM_BOOLEAN: "sum",
    Aggregation.AVERAGE: "average",
    Aggregation.MIN: "min",
    Aggregation.MAX: "max",
    Aggregation.COUNT: "count",
    Aggregation.COUNT_DISTINCT: "count_distinct",
    Aggregation.MEDIAN: "median",
}


class LightdashMetrics:
    """The metrics of an export, by dbt model. `homes` gives the dbt model of each semantic model."""

    def __init__(self, export: Exporting, homes: Mapping[str, str]) -> None:
        self.export, self.homes = export, homes
        self.units: set[str] = set()
        self._made: dict[str, dict[str, Data]] = {}
        self._taken = {(model.model, d.name) for model in export.ontology.semantic_models for d in model.dimensions}
        self._names: dict[str, str] = {}

    def of(self, model: str) -> dict[str, Data]:
        """The metrics at a dbt model, by name."""
        return self._made.get(model, {})

    def add(self, metric: Metric) -> bool:
        """Write a metric; whether it could be."""
        part = self.export.sayable(metric)
        if part is None:
            return False
        try:
            self._metric(metric, part)
        except (Unsayable, Unspeakable) as error:
            self.export.unsayable(metric, str(error))
            return False
        if metric.unit:
            self.units.add(metric.name)
        return True

    def _metric(self, metric: Metric, part: Part) -> tuple[str, str]:
        """dbt model and name. Raises Unsayable or Unspeakable."""
        home = self.homes[self.export.plain.home(part).name]
        if metric.name in self._names:
            return home, self._names[metric.name]
        body = self._body(part, home, metric.name)
        name = metric.name if (home, metric.name) not in self._taken else f"{metric.name}_metric"
        if name != metric.name:
            where = self.export.where(f"metric.{metric.name}")
            self.export.missing.tell(
                f"metric `{metric.name}`", "the model has a dimension of the name", f"its name, which is `{name}` there", where
            )
        made = body
        made |= {"label": metric.label} if metric.label else {}
        made |= {"description": metric.description} if metric.description else {}
        made |= {"format": metric.format} if metric.format else {}
        made |= {"ai_hint": "Synonyms: " + ", ".join(metric.synonyms)} if metric.synonyms else {}
        made |= {"groups": [metric.group]} if metric.group else {}
        made |= {"tags": list(metric.tags)} if metric.tags else {}
        made |= foreign_meta(metric.meta).get("lightdash", {})
        self._made.setdefault(home, {})[name] = made
        self._names[metric.name] = name
        return home, name

    def _body(self, part: Part, home: str, name: str) -> Data:
        match part:
            case Aggregated():
                return self._aggregation(part, home)
            case Reference(metric=metric, offset=offset):
                if offset:
                    raise Unsayable(f"`{metric}` is taken as it was {offset.count} {offset.grain} before")
                return {"type": "number", "sql": self._named(self._of_metric(metric), home)}
            case Calculated(expr=expr, parts=parts):
                texts = {alias: self._named(self._part(given, f"{name}_{alias}"), home) for alias, given in parts}
                return {"type": "number", "sql": calculated_sql(expr, lambda alias: texts[alias], self.export.dialect)}

    def _aggregation(self, part: Aggregated, home: str) -> Data:
        if part.accumulated:
            raise Unsayable("it is accumulated over time")
        others = {self.homes[name] for name in models_of(part.expr)} - {home}
        if others:
            raise Unsayable(f"its condition is on another model: {', '.join(sorted(others))}")
        measure, counts = part.measure, part.measure.agg in (Aggregation.COUNT, Aggregation.COUNT_DISTINCT)
        if part.fill is not None and not counts:
            return {"type": "number", "sql": aggregate_sql(part, own_column, self.export.dialect)}
        sql = sql_of(part.expr, own_column, self.export.dialect, true_division=True)
        if measure.agg in _TYPES:
            return {"type": _TYPES[measure.agg], "sql": sql}
        if measure.discrete:
            return {"type": "number", "sql": aggregate_sql(part, own_column, self.export.dialect)}
        return {"type": "percentile", "percentile": _whole(round((measure.percentile or 0.0) * 100, 6)), "sql": sql}

    def _part(self, part: Part, wanted: str) -> tuple[str, str]:
        """A metric for a part of a calculation: one of the layer, or a hidden one."""
        if isinstance(part, Reference) and part.offset is None:
            return self._of_metric(part.metric)
        model = self.homes[self.export.plain.home(part).name]
        self._made.setdefault(model, {})[wanted] = self._body(part, model, wanted) | {"hidden": True}
        return model, wanted

    def _of_metric(self, name: str) -> tuple[str, str]:
        metric = self.export.ontology.metric(name)
        if metric is None:
            raise Unsayable(f"there is no metric `{name}`")
        return self._metric(metric, self.export.plain.metric(name))

    def _named(self, place: tuple[str, str], home: str) -> str:
        model, name = place
        if model != home:
            raise Unsayable("it stands on metrics of several models, which one explore does not have beside each other")
        table = home.rpartition(".")[2]
        return f"${{{name}}}" if name != table else f"${{{table}.{name}}}"


def _whole(number: float) -> float | int:
    return int(number) if number.is_integer() else number


def own_column(leaf: Column | Field) -> str:
    """A column of the model itself. Raises Unspeakable for a semantic reference."""
    if isinstance(leaf, Field):
        raise Unspeakable(f"`{leaf.name}` is a semantic reference")
    return f"${{TABLE}}.{quoted(leaf.name)}"
