"""DM2430."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule


class DroppedFillNulls(Rule):
    """A metric's `fill_nulls_with` that dbt did not write into the manifest.

    dbt 1.12 reads it in the YAML that stands inside models and writes it nowhere, so periods without rows give NULL, in MetricFlow too. It is seen
    only where the YAML is at hand. For example `metrics: [{name: visits, type: simple, agg: count, expr: id, fill_nulls_with: 0}]`.
    """

    code = "DM2430"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A metric whose YAML has the key and whose node has no value."""
        for node in project.metric_nodes:
            if node.type.lower() != "simple" or node.type_params.measure is not None or node.type_params.fill_nulls_with is not None:
                continue
            place = project.metric(node.name, "fill_nulls_with")
            if project.locations.holds(place.key, place.file, place.path):
                yield Finding(
                    f"`fill_nulls_with` of metric `{node.name}` is not in the manifest that dbt wrote, so gaps stay NULL",
                    place,
                    "use a derived metric with `coalesce(…, 0)`, or the older YAML with a measure",
                    node.name,
                )
