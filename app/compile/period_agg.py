"""Which value of a running total stands for a longer period, where nobody says."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from app.compile.dbt.semantic import CumulativeParams, MetricNode
from app.compile.report import Report
from app.compile.semantic_models import yaml_file

FIRST, LAST = "first", "last"
_PATH = "type_params/cumulative_type_params/period_agg"


def with_last(nodes: Iterable[MetricNode], root: str, report: Report) -> list[MetricNode]:
    """The metrics of a manifest, cumulative ones with `last` unless YAML says otherwise.

    dbt ≥ 1.9 writes `first` for whoever says nothing, and a month's first day is not what has come together by its end. Where the YAML is not
    at hand, `first` counts as unsaid.
    """
    return [_told(node, root, report) if node.type.lower() == "cumulative" else node for node in nodes]


def with_first(node: MetricNode) -> MetricNode:
    """The metric as MetricFlow makes it ready (SetCumulativeTypeParamsRule): a cumulative one says `first` where it says nothing."""
    own = node.type_params.cumulative_type_params or CumulativeParams()
    if node.type.lower() != "cumulative" or own.period_agg:
        return node
    return _with(node, own, FIRST)


def _told(node: MetricNode, root: str, report: Report) -> MetricNode:
    own = node.type_params.cumulative_type_params or CumulativeParams()
    if own.period_agg and own.period_agg.lower() != FIRST:
        return node
    if report.locations.holds(f"metric.{node.name}", yaml_file(node, root), _PATH):
        return node
    return _with(node, own, LAST)


def _with(node: MetricNode, own: CumulativeParams, word: str) -> MetricNode:
    return replace(node, type_params=replace(node.type_params, cumulative_type_params=replace(own, period_agg=word)))
