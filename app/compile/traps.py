"""What dbt leaves out of a manifest, or writes otherwise than YAML says it: each a warning at the line that means something else now."""

from __future__ import annotations

import re

from app.compile.dbt.manifest import Manifest
from app.compile.dbt.semantic import MetricNode
from app.compile.report import Place, Report
from app.compile.semantic_models import yaml_file
from app.model.types import Aggregation

_RELEASE = re.compile(r"^(\d+)\.(\d+)")
_NESTED = (1, 9)
"""From here on a cumulative metric's window has a place of its own, which dbt 1.12 insists on."""


def report_traps(manifest: Manifest, root: str, report: Report) -> None:
    """Report DM2430 to DM2432. What the YAML says is known only where the compile was given its files."""
    release = _RELEASE.match(manifest.metadata.dbt_version or "")
    nested = release is not None and (int(release[1]), int(release[2])) >= _NESTED
    for node in manifest.metrics.values():
        place = Place(f"metric.{node.name}", yaml_file(node, root))
        if node.type_params.measure is None:
            _dropped_fill(node, place, report)
            _approximated(node, place, report)
        if nested:
            _flat_window(node, place, report)


def _dropped_fill(node: MetricNode, place: Place, report: Report) -> None:
    """dbt 1.12 reads `fill_nulls_with` of a metric in the new YAML and writes it nowhere."""
    if node.type_params.fill_nulls_with is None and report.locations.holds(place.key, place.file, "fill_nulls_with"):
        report.warning(
            "DM2430",
            f"`fill_nulls_with` of metric `{node.name}` is not in the manifest that dbt wrote, so gaps stay NULL",
            place.at("fill_nulls_with"),
            "use a derived metric with `coalesce(…, 0)`, or the older YAML with a measure",
        )


def _approximated(node: MetricNode, place: Place, report: Report) -> None:
    """dbt 1.12 writes `percentile_type: continuous` as an approximation; in the new YAML there is no other way to ask for one."""
    carried = node.type_params.metric_aggregation_params
    params = carried.agg_params if carried else None
    if carried and params and carried.agg.lower() == Aggregation.PERCENTILE and params.use_approximate_percentile:
        report.warning(
            "DM2431",
            f"metric `{node.name}` is an approximate percentile in the manifest: dbt writes `percentile_type: continuous` so",
            place.at("percentile_type"),
            "leave `percentile_type` out: that is continuous and exact",
        )


def _flat_window(node: MetricNode, place: Place, report: Report) -> None:
    """A cumulative metric's window outside `cumulative_type_params`, which dbt 1.12 refuses to parse."""
    params = node.type_params
    flat = "window" if params.window else "grain_to_date" if params.grain_to_date else ""
    if flat and node.type.lower() == "cumulative":
        report.warning(
            "DM2432",
            f"`{flat}` of metric `{node.name}` stands outside `cumulative_type_params`; dbt 1.12 will not parse it",
            place.at(f"type_params/{flat}"),
            f"move `{flat}` under `type_params.cumulative_type_params`",
        )
