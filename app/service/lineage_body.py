"""Lineage as every door writes it: points and links by number, each point with the place that declares it."""

from __future__ import annotations

from functools import cached_property

from app.compile.lineage.trace import ends
from app.errors import Where
from app.model.base import Node
from app.model.lineage import Impact, Kind, Point, Touched, Trace
from app.model.ontology import Layer

KEYS = ("metrics", "saved_queries", "exposures", "policies", "measures", "dimensions", "entities", "columns")
"""The kinds of things that a change may touch, in the order in which people read of them."""


class PointBody(Node, frozen=True):
    """A point by its number; `line` is 0 where it is not known. `reason` and `detail` are an unknown point's."""

    id: int
    kind: str
    name: str
    owner: str
    file: str
    line: int
    reason: str
    detail: str


class LinkBody(Node, frozen=True):
    """From a point to one that it stands on, and as what."""

    start: int
    end: int
    role: str


class EndBody(Node, frozen=True):
    """A column at which lineage ends ("" for rows), and the roles in which what was asked for stands on it."""

    model: str
    column: str
    roles: tuple[str, ...]


class LineageBody(Node, frozen=True):
    """A trace. `complete` where nothing is unknown and nothing hidden."""

    starts: tuple[str, ...]
    complete: bool
    points: tuple[PointBody, ...]
    links: tuple[LinkBody, ...]
    ends: tuple[EndBody, ...]
    hidden: int


class TouchedBody(Node, frozen=True):
    """Something that a change touches, or may touch for the `reason` that nobody can see."""

    kind: str
    name: str
    owner: str
    roles: tuple[str, ...]
    file: str
    line: int
    reason: str
    detail: str


class ImpactBody(Node, frozen=True):
    """What a change touches."""

    changed: tuple[str, ...]
    complete: bool
    metrics: tuple[TouchedBody, ...]
    saved_queries: tuple[TouchedBody, ...]
    exposures: tuple[TouchedBody, ...]
    policies: tuple[TouchedBody, ...]
    measures: tuple[TouchedBody, ...]
    dimensions: tuple[TouchedBody, ...]
    entities: tuple[TouchedBody, ...]
    columns: tuple[TouchedBody, ...]
    hidden: int


class Places:
    """Where the things of a layer are declared."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer

    def of(self, point: Point) -> Where:
        """The place of a point: the line of the YAML that declares it, else the file of its owner; an empty place where there is none."""
        if point.kind is Kind.METRIC:
            metric = self._layer.ontology.metric(point.name)
            return self._at(f"metric.{point.name}", metric.file if metric else "")
        if point.kind in (Kind.MEASURE, Kind.DIMENSION, Kind.ENTITY):
            owner = self._layer.ontology.semantic_model(point.owner)
            return self._at(f"{point.kind}.{point.owner}.{point.name}", owner.file if owner else "")
        model = self._layer.ontology.model(point.name if point.kind is Kind.TIME_SPINE else point.owner)
        if model is None:
            return Where()
        return self._at(f"column.{model.name}.{point.name}" if point.kind is Kind.COLUMN else "", model.file)

    def named(self, one: Touched) -> Where:
        """The place of something that is touched."""
        if one.kind in set(Kind):
            return self.of(Point(Kind(one.kind), one.name, one.owner))
        if one.kind in ("saved_query", "exposure"):
            held = self._layer.ontology.saved_queries if one.kind == "saved_query" else self._layer.ontology.exposures
            return self._at(f"{one.kind}.{one.name}", next((item.file for item in held if item.name == one.name), ""))
        model = self._layer.ontology.model(one.owner)
        return self._at(f"model.{one.owner}", model.file if model else "")

    def _at(self, key: str, file: str) -> Where:
        return self._by_key.get(key) or Where(file)

    @cached_property
    def _by_key(self) -> dict[str, Where]:
        return dict(self._layer.locations)


def lineage_body(layer: Layer, found: Trace) -> LineageBody:
    """A trace as it is written."""
    places = Places(layer)
    points = tuple(_point(number, point, places.of(point)) for number, point in enumerate(found.points))
    return LineageBody(
        tuple(point.key for point in found.points[: found.starts]),
        not found.hidden and all(point.kind is not Kind.UNKNOWN for point in found.points),
        points,
        tuple(LinkBody(link.start, link.end, str(link.role)) for link in found.links),
        tuple(EndBody(point.owner, point.name, tuple(map(str, roles))) for point, roles in ends(found)),
        found.hidden,
    )


def impact_body(layer: Layer, found: Impact) -> ImpactBody:
    """An impact as it is written."""
    places = Places(layer)
    kinds = {key: tuple(_touched(one, places.named(one)) for one in getattr(found, key)) for key in KEYS}
    complete = not found.hidden and not any(one.reason for items in kinds.values() for one in items)
    return ImpactBody(found.changed, complete, **kinds, hidden=found.hidden)


def _point(number: int, point: Point, where: Where) -> PointBody:
    return PointBody(number, str(point.kind), point.name, point.owner, where.file, where.line, str(point.reason or ""), point.detail)


def _touched(one: Touched, where: Where) -> TouchedBody:
    roles = tuple(map(str, one.roles))
    return TouchedBody(one.kind, one.name, one.owner, roles, where.file, where.line, str(one.reason or ""), one.detail)
