"""A layer before it is compared."""

from __future__ import annotations

from functools import cached_property

from app.compile.diff.touching import Dependents
from app.model.ontology import Layer
from app.sql.joins import JoinGraph


class Ready:
    """A layer with what a comparison needs of it alone, made when first needed: for one that is compared several times, or before the other is there."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    @cached_property
    def joins(self) -> JoinGraph:
        """Its join graph."""
        return JoinGraph.of(self.layer.ontology)

    @cached_property
    def dependents(self) -> Dependents:
        """What stands on what in it."""
        return Dependents(self.layer.ontology, self.joins)

    def prepare(self) -> None:
        """Make it now: worth it where the other layer is still being made in another process."""
        _ = self.dependents
