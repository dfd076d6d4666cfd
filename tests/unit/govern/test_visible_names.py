"""Segments and hierarchies are seen as far as all that they name is."""

from __future__ import annotations

import msgspec
import pytest

from app.govern.visible_names import with_visible_names
from app.model.ontology import Hierarchy, Ontology, Segment
from app.sql.expressions.parse import parse_where
from tests.goldens.business import ONTOLOGY

WHOLE = msgspec.structs.replace(
    ONTOLOGY,
    segments=(
        Segment("german", "customers", parse_where("customer__country = 'DE'")),
        Segment("loyal", "orders", parse_where("{{ Metric('orders', group_by=['customer']) }} > 1")),
        Segment("recent", "orders", parse_where("metric_time__day >= '2024-02-01'")),
    ),
    hierarchies=(Hierarchy("geography", "customers", ("region__region_name", "customer__country")),),
)


def without(**lost: str) -> Ontology:
    """The layer as somebody sees it who may not know of a dimension, a metric or a semantic model."""
    models = tuple(
        msgspec.structs.replace(model, dimensions=tuple(d for d in model.dimensions if d.name != lost.get("dimension")))
        for model in WHOLE.semantic_models
        if model.name != lost.get("semantic_model")
    )
    metrics = tuple(metric for metric in WHOLE.metrics if metric.name != lost.get("metric"))
    return msgspec.structs.replace(WHOLE, semantic_models=models, metrics=metrics, segments=(), hierarchies=())


@pytest.mark.parametrize(
    ("lost", "segments", "hierarchies"),
    [
        ({}, ["german", "loyal", "recent"], ["geography"]),
        ({"dimension": "country"}, ["loyal", "recent"], []),
        ({"dimension": "region_name"}, ["german", "loyal", "recent"], []),
        ({"metric": "orders"}, ["german", "recent"], ["geography"]),
        ({"semantic_model": "customers"}, ["loyal", "recent"], []),
    ],
)
def test_what_names_something_hidden_is_hidden(lost: dict[str, str], segments: list[str], hierarchies: list[str]) -> None:
    seen = with_visible_names(without(**lost), WHOLE)
    assert [one.name for one in seen.segments] == segments
    assert [one.name for one in seen.hierarchies] == hierarchies
