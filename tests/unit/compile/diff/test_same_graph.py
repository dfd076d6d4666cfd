"""A diff and a lineage name the same things downstream of the same change, where no model's SQL is to be followed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.compile.diff.touching import Dependents, touched
from app.compile.lineage.graph import LineageGraph
from app.compile.lineage.impact import impact
from app.compile.project import compile_project
from app.model.lineage import Kind, Point
from app.model.ontology import Ontology
from app.sql.joins import JoinGraph
from tests.support.lineage_shop import shop as lineage_shop
from tests.unit.compile.diff.bends import shop


@pytest.mark.parametrize(
    "ontology", [compile_project([lineage_shop()]).layer.ontology, shop().compile().layer.ontology], ids=["lineage's shop", "diff's shop"]
)
def test_a_diff_and_a_lineage_name_the_same(ontology: Ontology) -> None:
    joins = JoinGraph.of(ontology)
    dependents, graph = Dependents(ontology, joins), LineageGraph(ontology, joins, lambda _: None)
    found = 0
    for point in _points(ontology):
        key = ".".join(part for part in (point.kind, point.owner, point.name) if part)
        mine = touched(dependents.reached([key]) - dependents.hidden, [key])
        theirs = impact(graph, lambda _: None, [point])
        assert mine.metrics == tuple(one.name for one in theirs.metrics if f"metric.{one.name}" not in dependents.hidden), key
        assert mine.saved_queries == tuple(one.name for one in theirs.saved_queries), key
        assert mine.exposures == tuple(one.name for one in theirs.exposures), key
        assert mine.policies == tuple(sorted(f"{one.owner}.{one.name}" for one in theirs.policies)), key
        found += len(mine.metrics)
    assert found


def _points(ontology: Ontology) -> Iterator[Point]:
    """Columns of models on which no other stands, and all parts of the semantic layer."""
    read = {uid for model in ontology.models for uid in model.depends_on}
    for model in ontology.models:
        if model.unique_id not in read:
            yield from (Point(Kind.COLUMN, column.name, model.name) for column in model.columns)
    for owner in ontology.semantic_models:
        for kind, items in ((Kind.MEASURE, owner.measures), (Kind.DIMENSION, owner.dimensions), (Kind.ENTITY, owner.entities)):
            yield from (Point(kind, item.name, owner.name) for item in items)
    yield from (Point(Kind.METRIC, metric.name) for metric in ontology.metrics)
