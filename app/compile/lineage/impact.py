"""What a change of columns may touch: models downstream, and all of the semantic layer that stands on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.compile.lineage.graph import LineageGraph, ModelLineages
from app.model.lineage import Edge, Impact, Kind, ModelLineage, Point, Reason, Role, Touched
from app.model.ontology import Exposure, Ontology, SavedQuery
from app.sql.expressions.walk import columns

_ORDER = list(Role)
_Place = tuple[str, str]
"""A model and its column in lower case; "" for its rows."""


def impact(graph: LineageGraph, models: ModelLineages, starts: Sequence[Point]) -> Impact:
    """Follow every link up from the starts: columns, rows, or parts of the semantic layer."""
    walk = _Upward(graph, models)
    for start in starts:
        walk.start(start)
    walk.through_models()
    return walk.result(starts)


class _Upward:
    """What is touched so far, each with the roles in which the change stands under it, and the reasons where that can't be seen."""

    def __init__(self, graph: LineageGraph, models: ModelLineages) -> None:
        self._graph = graph
        self._models = models
        self._ontology: Ontology = graph.ontology
        self._places: dict[_Place, set[Role]] = defaultdict(set)
        self._unseen: dict[_Place, tuple[Reason, str]] = {}
        self._points: dict[Point, set[Role]] = {}
        self._blind: dict[Point, tuple[Reason, str]] = {}
        self._spelled: dict[_Place, str] = {}

    def start(self, point: Point) -> None:
        """Something that is changed."""
        if point.kind in (Kind.COLUMN, Kind.ROWS):
            self._places[point.owner, point.name.lower()].add(Role.VALUE if point.name else Role.ROWS)
        else:
            self._points[point] = {Role.VALUE}

    # --- columns

    def through_models(self) -> None:
        """Every model that stands on a touched one, those before it first."""
        for name in _downstream(self._ontology, {model for model, _ in self._places}):
            lineage = self._models(name)
            if lineage is None:
                continue
            while self._through(lineage):  # a model that reads itself touches itself
                pass

    def _through(self, lineage: ModelLineage) -> bool:
        """One model; whether anything was added."""
        before = self._size(lineage.model)
        for column in lineage.columns:
            self._place((lineage.model, column.name.lower()), column.name, column.edges)
        self._place((lineage.model, ""), "", lineage.rows)
        if lineage.others or lineage.reason is not None:  # each of its columns may be touched, whatever it is called
            self._place((lineage.model, "*"), "*", lineage.others or lineage.rows)
        for passed in lineage.open if len(lineage.open) == 1 else ():
            for place in [place for place in self._places if place[0] == passed and place[1] not in ("", "*", *lineage.by_name)]:
                self._touch((lineage.model, place[1]), self._spelled.get(place, place[1]), self._places[place])
        return self._size(lineage.model) > before

    def _place(self, place: _Place, spelled: str, edges: Iterable[Edge]) -> None:
        for edge in edges:
            found = self._reached(edge.model, edge.column.lower())
            if found:
                self._touch(place, spelled, {edge.role.then(role) for role in found})
                blind = (edge.reason, edge.detail) if edge.reason is not None else self._why((edge.model, edge.column.lower()))
                if blind is not None and blind[0] is not None:
                    self._unseen.setdefault(place, (blind[0], blind[1]))

    def _reached(self, model: str, column: str) -> set[Role]:
        """The roles of a place; of "*", those of all of the model."""
        if column != "*":
            return self._places.get((model, column), set()) | self._places.get((model, "*"), set())
        return set().union(*(roles for (owner, _), roles in self._places.items() if owner == model))

    def _touch(self, place: _Place, spelled: str, roles: set[Role]) -> None:
        self._places[place] |= roles
        self._spelled.setdefault(place, spelled)

    def _size(self, model: str) -> int:
        return sum(len(roles) for (owner, _), roles in self._places.items() if owner == model)

    # --- the semantic layer

    def _roles(self, point: Point) -> set[Role]:
        """The roles in which the change stands under a point."""
        if point.kind in (Kind.COLUMN, Kind.ROWS):
            return self._column_roles(point)
        known = self._points.get(point)
        if known is not None:
            return known
        found = self._points[point] = set()  # a metric that stands on itself adds nothing to itself
        for link in self._graph.links(point):
            below = self._roles(link.point)
            found |= {link.role.then(role) for role in below}
            blind = self._blind.get(link.point)
            if below and blind is not None:
                self._blind.setdefault(point, blind)
        return found

    def _column_roles(self, point: Point) -> set[Role]:
        place = (point.owner, point.name.lower())
        found = self._reached(*place)
        unseen = self._unseen.get(place) or self._unseen.get((point.owner, "*"))
        if found and unseen is not None:
            self._blind.setdefault(point, unseen)
        return found

    def result(self, starts: Sequence[Point]) -> Impact:
        """All that is touched, the starts themselves left out."""
        ontology, own = self._ontology, set(starts)
        metrics = self._all(own, (Point(Kind.METRIC, metric.name) for metric in ontology.metrics))
        measures = self._all(own, (Point(Kind.MEASURE, m.name, s.name) for s in ontology.semantic_models for m in s.measures))
        dimensions = self._all(own, (Point(Kind.DIMENSION, d.name, s.name) for s in ontology.semantic_models for d in s.dimensions))
        entities = self._all(own, (Point(Kind.ENTITY, e.name, s.name) for s in ontology.semantic_models for e in s.entities))
        changed = {(point.owner, point.name.lower()) for point in starts}
        columns_ = tuple(
            Touched(
                str(Kind.COLUMN if place[1] else Kind.ROWS), self._spelled.get(place, place[1]), place[0], _sorted(roles), *self._why(place)
            )
            for place, roles in sorted(self._places.items())
            if place not in changed
        )
        touched = {point.name for point in own if point.kind is Kind.METRIC} | {metric.name for metric in metrics}
        return Impact(
            tuple(point.key for point in starts),
            metrics,
            measures,
            dimensions,
            entities,
            tuple(one for query in ontology.saved_queries if (one := self._saved_query(query)) is not None),
            tuple(one for exposure in ontology.exposures if (one := self._exposure(exposure, touched)) is not None),
            tuple(self._policies()),
            columns_,
        )

    def _why(self, place: _Place) -> tuple[Reason | None, str]:
        """Why it can't be seen that a place is touched; nothing where it can."""
        return self._unseen.get(place) or self._unseen.get((place[0], "*")) or (None, "")

    def _all(self, own: set[Point], points: Iterable[Point]) -> tuple[Touched, ...]:
        found = []
        for point in points:
            roles = self._roles(point)
            if roles and point not in own:
                reason, detail = self._blind.get(point, (None, ""))
                found.append(Touched(str(point.kind), point.name, point.owner, _sorted(roles), reason, detail))
        return tuple(sorted(found, key=lambda one: (one.owner, one.name)))

    def _saved_query(self, query: SavedQuery) -> Touched | None:
        """A saved query by its metrics, and by the items that it groups and filters by."""
        roles = {link.role.then(below) for link in self._graph.saved_query(query) for below in self._roles(link.point)}
        return Touched("saved_query", query.name, "", _sorted(roles)) if roles else None

    def _exposure(self, exposure: Exposure, metrics: set[str]) -> Touched | None:
        """An exposure by the models and metrics that it names."""
        models = {model.unique_id: model.name for model in self._ontology.models}
        roles: set[Role] = set()
        for one in exposure.depends_on:
            if one in models:
                roles |= self._reached(models[one], "*")
            elif one.startswith("metric.") and (name := one.rpartition(".")[2]) in metrics:
                roles |= self._roles(Point(Kind.METRIC, name)) or {Role.VALUE}
        return Touched("exposure", exposure.name, "", _sorted(roles)) if roles else None

    def _policies(self) -> list[Touched]:
        """Row filters that read a touched column, and rules of touched columns."""
        found = []
        for model in self._ontology.models:
            for row in model.row_policies:
                roles = set().union(*(self._reached(model.name, column.name.lower()) for column in columns(row.predicate)))
                if roles:
                    found.append(Touched("row_policy", row.name.removeprefix(f"{model.name}."), model.name, (Role.FILTER,)))
            rules = (
                (rule.name.removeprefix(f"{model.name}."), self._reached(model.name, rule.column.lower())) for rule in model.of_columns
            )
            found += [Touched("column_policy", name, model.name, _sorted(roles)) for name, roles in rules if roles]
        return sorted(found, key=lambda one: (one.owner, one.kind, one.name))


def _sorted(roles: Iterable[Role]) -> tuple[Role, ...]:
    return tuple(sorted(set(roles), key=_ORDER.index))


def _downstream(ontology: Ontology, starts: set[str]) -> list[str]:
    """The models that stand on these, and these themselves, in an order in which each comes after what it is built from."""
    names = {model.unique_id: model.name for model in ontology.models}
    readers: dict[str, list[str]] = defaultdict(list)
    for model in ontology.models:
        for one in model.depends_on:
            readers[names.get(one, "")].append(model.name)
    order: list[str] = []
    state: dict[str, bool] = {}
    for start in sorted(starts):
        stack = [start]
        while stack:
            one = stack[-1]
            if state.get(one):
                stack.pop()
            elif one in state:
                state[stack.pop()] = True
                order.append(one)
            else:
                state[one] = False
                stack += [reader for reader in readers.get(one, ()) if reader not in state]
    return order[::-1]
