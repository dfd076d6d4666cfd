"""What is exported and imported again answers the demo's metrics with equal rows, or the report names what was lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec.structs import replace

from app.compile.interchange.findings import Finding, Kind
from app.errors import UserError
from app.model.ontology import Layer, Ontology
from app.service.interchange import Converted, Format, export_layer, import_files
from app.service.request import QueryRequest
from tests.engines.interchange.conftest import Asked, Drafted, Rows

FORMATS = (Format.OSI, Format.CUBE, Format.LIGHTDASH)
GROUPS = (
    (),
    ("metric_time__month",),
    ("customer__country",),
    ("product__product_category",),
)
HELD = {Format.OSI: 40, Format.CUBE: 45, Format.LIGHTDASH: 35}
"""At least so many of the demo's metrics a format says by itself."""


def meant(ontology: Ontology) -> dict[str, Any]:
    """What a layer defines, wherever it is written; what the project does not define itself is left out."""
    own = (*ontology.semantic_models, *ontology.metrics)
    found: dict[str, Any] = {f"{type(thing).__name__} {thing.name}": replace(thing, file="") for thing in own if not thing.derived}
    return found | {f"SavedQuery {query.name}": replace(query, file="") for query in ontology.saved_queries}


def again(exported: Converted, of: Format, layer: Layer) -> Converted:
    return import_files([(name, text.encode()) for name, text in exported.files.items()], of, layer)


def answers(asked: Asked, layer: Layer, metric: str) -> dict[tuple[str, ...], Rows]:
    """The rows of a metric by each grouping that it has."""
    found = {}
    for group in GROUPS:
        try:
            found[group] = asked.layer(layer, QueryRequest((metric,), group))
        except UserError:
            continue
    return found


def told(rows: Rows) -> Rows:
    """Rows that say something: a group in which no row meets a condition is absent, or has nothing or zero, as the format has it."""
    return [row for row in rows if row[-1] not in (None, 0)]


def metric_names(findings: tuple[Finding, ...], *kinds: Kind) -> set[str]:
    return {name for f in findings if f.kind in kinds and f.lost == "the metric" for name in re.findall(r"^metric `(\w+)`", f.subject)}


@pytest.mark.parametrize("of", FORMATS)
def test_with_extensions_nothing_is_lost(of: Format, original: Layer, bare_layer: Layer, drafted: Drafted) -> None:
    exported = export_layer(original, of)
    assert exported.lossless
    imported = again(exported, of, bare_layer)
    assert imported.findings == ()
    got, wanted = meant(drafted(imported.files).layer.ontology), meant(original.ontology)
    assert {name for name in got.keys() | wanted.keys() if got.get(name) != wanted.get(name)} == set()


@pytest.mark.parametrize("of", FORMATS)
def test_the_rows_are_equal(of: Format, original: Layer, bare_layer: Layer, drafted: Drafted, asked: Asked) -> None:
    """Executed for what the layers' equality says already: that they answer at all."""
    layer = drafted(again(export_layer(original, of), of, bare_layer).files).layer
    compared = 0
    for metric in (
        "revenue",
        "average_order_value",
        "mrr",
        "visit_to_order_rate",
        "revenue_last_28_days",
        "revenue_growth_month_over_month",
    ):
        wanted = answers(asked, original, metric)
        assert answers(asked, layer, metric) == wanted, metric
        compared += sum(len(rows) for rows in wanted.values())
    assert compared > 100


@pytest.mark.parametrize("of", FORMATS)
def test_the_plain_part_stands_by_itself(of: Format, original: Layer, bare_layer: Layer, drafted: Drafted, asked: Asked) -> None:
    """Without extensions every metric answers with the same rows, or the export's report names it as lost."""
    exported = export_layer(original, of, extended=False)
    assert "datamind" not in exported.text.lower()
    imported = again(exported, of, bare_layer)
    assert {f.kind for f in imported.findings} <= {Kind.ASSUMED, Kind.CHANGED}, [f for f in imported.findings if f.kind is Kind.LOST]
    layer = drafted(imported.files).layer
    lost = metric_names(exported.findings, Kind.LOST)
    listed = {metric.name for metric in original.ontology.listed_metrics if not metric.derived}
    assert {metric.name for metric in layer.ontology.metrics} >= listed - lost
    assert not {metric.name for metric in layer.ontology.metrics} & lost
    assert len(listed - lost) >= HELD[of]
    for metric in sorted(listed - lost):
        wanted, got = answers(asked, original, metric), answers(asked, layer, metric)
        for group in wanted.keys() & got.keys():
            assert told(got[group]) == told(wanted[group]), (metric, group)
        assert set(got) >= set(wanted), metric
        assert any(told(rows) for rows in wanted.values()), metric


@pytest.mark.parametrize("of", FORMATS)
def test_what_is_kept_is_what_would_be_lost(of: Format, original: Layer) -> None:
    """Both reports name the same things; only what becomes of them differs."""
    kept = {(f.subject, f.lost) for f in export_layer(original, of).findings if f.kind is Kind.KEPT}
    lost = {(f.subject, f.lost) for f in export_layer(original, of, extended=False).findings if f.kind is Kind.LOST}
    assert kept == lost
    assert {"metric `visit_to_order_rate`", "metric `mrr`", "saved query `subscription_movements`"} <= {subject for subject, _ in kept}
