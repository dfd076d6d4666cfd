"""What one caller may know of a lineage. Fails closed: a name is shown only where another door would show it too."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from app.model.lineage import Impact, Kind, Point, Touched
from app.model.ontology import Ontology
from app.pipeline.turn import ServedLayer


class View:
    """One served view. Words that name things beside the point itself (why something can't be seen), and policies, are for admins."""

    def __init__(self, served: ServedLayer) -> None:
        self._visible: Ontology = served.visible
        self._access = served.access
        self.details = served.access.is_admin

    def sees(self, point: Point) -> bool:
        """Whether the caller may know of the point."""
        match point.kind:
            case Kind.METRIC:
                return self._visible.metric(point.name) is not None
            case Kind.MEASURE | Kind.DIMENSION | Kind.ENTITY:
                return self._element(point)
            case Kind.TIME_SPINE:
                return self._model(point.name) and any(spine.model == point.name for spine in self._visible.time_spines)
            case Kind.COLUMN:
                return self._model(point.owner) and self._column(point.owner, point.name)
            case Kind.ROWS:
                return self._model(point.owner)
            case _:
                return True

    def of(self, found: Impact) -> Impact:
        """The impact as the caller may know it; what is taken out is counted."""
        kept = {
            "metrics": self._kept(found.metrics, Kind.METRIC),
            "measures": self._kept(found.measures, Kind.MEASURE),
            "dimensions": self._kept(found.dimensions, Kind.DIMENSION),
            "entities": self._kept(found.entities, Kind.ENTITY),
            "columns": [one for one in found.columns if self.sees(Point(Kind(one.kind), one.name, one.owner))],
            "saved_queries": _named(found.saved_queries, {query.name for query in self._visible.saved_queries}),
            "exposures": _named(found.exposures, {exposure.name for exposure in self._visible.exposures}),
            "policies": list(found.policies) if self._access.is_admin else [],
        }
        lost = sum(len(getattr(found, name)) - len(kept[name]) for name in kept if name != "policies")
        return replace(found, hidden=lost, **{name: tuple(map(self._plain, items)) for name, items in kept.items()})

    def _kept(self, items: Iterable[Touched], kind: Kind) -> list[Touched]:
        return [one for one in items if self.sees(Point(kind, one.name, one.owner))]

    def _plain(self, one: Touched) -> Touched:
        return one if self.details else replace(one, detail="")

    def _element(self, point: Point) -> bool:
        model = self._visible.semantic_model(point.owner)
        if model is None:
            return False
        if point.kind is Kind.MEASURE:
            return model.measure(point.name) is not None
        return point.name in {one.name for one in (model.dimensions if point.kind is Kind.DIMENSION else model.entities)}

    def _model(self, model: str) -> bool:
        """A model of which the caller may read something; admins know of those that are closed by a policy too."""
        rule = self._access.of(model)
        return rule.readable and (self._access.is_admin or not rule.closed)

    def _column(self, model: str, name: str) -> bool:
        """A column that the layer lists and the caller may read. One that only SQL tells of is for admins, since no policy could speak of it."""
        rule = self._access.of(model)
        lower = name.lower()
        if name == "*":  # any column of a model whose columns are not all known
            return True
        if lower in {column.lower() for column in rule.denied}:
            return False
        return self._access.is_admin or lower in {column.lower() for column in rule.columns}


def _named(items: Iterable[Touched], names: set[str]) -> list[Touched]:
    return [one for one in items if one.name in names]
