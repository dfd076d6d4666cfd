"""What each point of a lineage stands on: metrics on measures, filters and keys, these on columns, and columns on what the SQL of their model reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from app.compile.lineage.filters import Filters
from app.compile.lineage.project import ENDS
from app.errors import UserError
from app.model.expr import Field
from app.model.lineage import Edge, Kind, Link, ModelLineage, Point, Reason, Role
from app.model.metrics import Conversion, Cumulative, MeasureInput, Metric, measure_inputs, metric_inputs
from app.model.ontology import Ontology, SavedQuery, TimeSpine
from app.model.semantics import Dimension, Entity, Measure, SemanticModel
from app.model.types import Grain
from app.sql.expressions.parse import parse_where
from app.sql.expressions.walk import columns, fields
from app.sql.joins import JoinGraph

ModelLineages = Callable[[str], ModelLineage | None]
"""The lineage of the model of a name; None where there is none, as of seeds and sources."""


class LineageGraph:
    """Follows links downward, one step at a time. Only what is asked for is looked at."""

    def __init__(self, ontology: Ontology, joins: JoinGraph, models: ModelLineages) -> None:
        self.ontology = ontology
        self.joins = joins
        self._models = models
        self._filters = Filters(ontology, joins)

    def links(self, point: Point) -> tuple[Link, ...]:
        """What a point stands on, each once; nothing under what is unknown, and under the columns of seeds and sources."""
        match point.kind:
            case Kind.METRIC:
                metric = self.joins.metrics.get(point.name)
                found = self._metric(metric) if metric is not None else []
            case Kind.MEASURE:
                measure = self.joins.measures.get((point.owner, point.name))
                found = self._measure(self.joins.semantic_models[point.owner], measure) if measure is not None else []
            case Kind.DIMENSION | Kind.ENTITY:
                found = self._element(point)
            case Kind.TIME_SPINE:
                found = [link for spine in self.joins.spines if spine.model == point.name for link in _spine(spine)]
            case Kind.COLUMN | Kind.ROWS:
                found = self._column(point)
            case _:
                found = []
        return tuple(dict.fromkeys(found))

    def saved_query(self, query: SavedQuery) -> tuple[Link, ...]:
        """What a saved query stands on: its metrics, and what its items read of the rows of each of their measures. An item that can't be read is a Problem
        of the compile, and nothing here."""
        found = [Link(Role.VALUE, Point(Kind.METRIC, name)) for name in query.metrics]
        given = tuple(dict.fromkeys(one for name in query.metrics for one in self.filtered(name)))
        for field, role in self._items(query):
            found += self._filters.items((field,), given, role)
        return tuple(dict.fromkeys(found))

    def _items(self, query: SavedQuery) -> Iterator[tuple[Field, Role]]:
        for text in query.group_by:
            with suppress(UserError):
                item = self.joins.group_by(text)
                yield Field(item.name, "", item.path, item.grain), Role.GROUP
        for text in query.where:
            with suppress(UserError):
                yield from ((field, Role.FILTER) for field in fields(parse_where(text)))

    def is_end(self, point: Point) -> bool:
        """Whether a column or rows are of a seed or source."""
        model = self.ontology.model(point.owner) if point.kind in (Kind.COLUMN, Kind.ROWS) else None
        return model is not None and model.resource_type in ENDS

    def _metric(self, metric: Metric) -> list[Link]:
        found = [Link(Role.VALUE, Point(Kind.METRIC, given.metric)) for given in metric_inputs(metric.params)]
        for given in measure_inputs(metric.params):
            found.append(Link(Role.VALUE, Point(Kind.MEASURE, given.measure, given.semantic_model)))
            found += self._filters.links(given.filter, (given,))
        found += self._filters.links(metric.filter, self.filtered(metric.name))
        for inner in metric_inputs(metric.params):
            found += self._filters.links(inner.filter, self.filtered(inner.metric))
        if isinstance(metric.params, Conversion):
            found += self._conversion(metric.params)
        return found + self._spines(metric)

    def filtered(self, metric: str) -> tuple[MeasureInput, ...]:
        """The measures that a filter of the metric holds for: of a conversion metric the base events. None where its inputs lead nowhere."""
        try:
            return self.joins.grouped_inputs(metric)
        except UserError:
            return ()

    def _conversion(self, params: Conversion) -> list[Link]:
        """By what base events and conversions belong together."""
        names = ((params.base, params.entity), (params.conversion, params.entity))
        properties = [pair for mine, other in params.constant_properties for pair in ((params.base, mine), (params.conversion, other))]
        return [link for given, name in (*names, *properties) for link in self._filters.element(given.semantic_model, name, Role.JOIN)]

    def _spines(self, metric: Metric) -> list[Link]:
        """The time spines along which a metric may be looked at (running totals, offsets, periods without a row): which one is, the grain of the query decides."""
        inputs, given = metric_inputs(metric.params), measure_inputs(metric.params)
        offset = any(one.offset_window is not None or one.offset_to_grain for one in inputs)
        if not (offset or isinstance(metric.params, Cumulative) or any(one.join_to_timespine for one in given)):
            return []
        windows = [one.offset_window.grain for one in inputs if one.offset_window] + [one.offset_to_grain for one in inputs]
        if isinstance(metric.params, Cumulative):
            windows += [metric.params.window.grain if metric.params.window else "", metric.params.grain_to_date]
        spines = {self.joins.custom_grains[grain] for grain in windows if grain in self.joins.custom_grains}
        times = (self.joins.agg_time(one.semantic_model, one.measure) for one in self.filtered(metric.name))
        grains = [time.grain or Grain.DAY for time in times if time is not None]
        finest = min([*grains, Grain.DAY], key=lambda grain: grain.order)
        finer = [spine for spine in self.joins.spines if spine.grain.order < finest.order][-1:]
        spines |= {*finer, *(spine for spine in self.joins.spines if spine.grain.order >= finest.order)}
        return [Link(Role.TIME, Point(Kind.TIME_SPINE, spine.model)) for spine in self.joins.spines if spine in spines]

    def _measure(self, owner: SemanticModel, measure: Measure) -> list[Link]:
        found = self._columns(owner, measure)
        found.append(Link(Role.ROWS, Point(Kind.ROWS, owner=owner.model)))
        if time := owner.time_of(measure):
            found += self._filters.element(owner.name, time, Role.TIME)
        if measure.non_additive is not None:
            found += self._filters.element(owner.name, measure.non_additive.dimension, Role.ORDER)
            for name in measure.non_additive.groups:
                found += self._filters.element(owner.name, name, Role.GROUP)
        return found

    def _element(self, point: Point) -> list[Link]:
        owner = self.joins.semantic_models.get(point.owner)
        held = (
            next((e for e in (owner.entities if point.kind is Kind.ENTITY else owner.dimensions) if e.name == point.name), None)
            if owner
            else None
        )
        return self._columns(owner, held) if owner is not None and held is not None else []

    def _columns(self, owner: SemanticModel, held: Measure | Dimension | Entity) -> list[Link]:
        """The columns of an expression."""
        if self.ontology.model(owner.model) is None:
            return [
                Link(
                    Role.VALUE, Point(Kind.UNKNOWN, owner.model, owner.name, Reason.MODEL, f"the model `{owner.model}` is not in the layer")
                )
            ]
        return [Link(Role.VALUE, Point(Kind.COLUMN, column.name, owner.model)) for column in columns(held.expr)]

    def _column(self, point: Point) -> list[Link]:
        if self.is_end(point):
            return []
        lineage = self._models(point.owner)
        if lineage is None:
            why = "nothing was read of its SQL" if self.ontology.model(point.owner) else f"the model `{point.owner}` is not in the layer"
            return [
                Link(
                    Role.VALUE,
                    Point(Kind.UNKNOWN, point.name, point.owner, Reason.NO_SQL if self.ontology.model(point.owner) else Reason.MODEL, why),
                )
            ]
        if lineage.reason is not None:
            return [Link(Role.VALUE if point.name else Role.ROWS, Point(Kind.UNKNOWN, "", point.owner, lineage.reason, lineage.detail))]
        return [Link(edge.role, point_of(edge)) for edge in lineage.edges(point.name)]


def point_of(edge: Edge) -> Point:
    """The point at the end of an edge."""
    if edge.reason is not None:
        return Point(Kind.UNKNOWN, edge.column, edge.model, edge.reason, edge.detail)
    return Point(Kind.COLUMN, edge.column, edge.model) if edge.column else Point(Kind.ROWS, owner=edge.model)


def _spine(spine: TimeSpine) -> list[Link]:
    """A time spine's columns and rows."""
    names = (spine.column, *(column or name for name, column in spine.custom))
    return [
        *(Link(Role.VALUE, Point(Kind.COLUMN, name, spine.model)) for name in names),
        Link(Role.ROWS, Point(Kind.ROWS, owner=spine.model)),
    ]
