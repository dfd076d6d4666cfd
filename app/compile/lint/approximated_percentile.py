"""DM2431."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.compile.lint.edit import Edit
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.model.types import Aggregation

_KEY = "percentile_type"
_LINE = re.compile(r"""\s*percentile_type\s*:\s*(['"]?)continuous\1\s*(#.*)?\r?\n?$""")


class ApproximatedPercentile(Rule):
    """A `percentile_type: continuous` that dbt writes as an approximation.

    In the manifest of dbt 1.12 it comes out as `use_approximate_percentile`, so that engines may estimate the percentile. Without the key it is
    continuous and exact. For example `{name: p90_price, type: simple, agg: percentile, percentile: 0.9, percentile_type: continuous}`.
    """

    code = "DM2431"
    fixable = True

    def check(self, project: Linted) -> Iterator[Finding]:
        """A metric that carries an approximate percentile, unless its YAML says so no more. Where that is not at hand, only of a release that makes such: of
        a semantic manifest alone it may be what was asked for."""
        makes_such = (project.release or (0, 0)) >= (1, 12)
        for node in project.metric_nodes:
            carried = node.type_params.metric_aggregation_params
            params = carried.agg_params if carried else None
            if node.type_params.measure is not None or not carried or carried.agg.lower() != Aggregation.PERCENTILE:
                continue
            place = project.metric(node.name, _KEY)
            evident = makes_such or project.is_at_hand(place)
            if params and params.use_approximate_percentile and evident and project.may_hold(place):
                yield Finding(
                    f"metric `{node.name}` is an approximate percentile in the manifest: dbt writes `percentile_type: continuous` so",
                    place,
                    "leave `percentile_type` out: that is continuous and exact",
                    node.name,
                )

    def fix(self, project: Linted, finding: Finding) -> Sequence[Edit]:
        """Take the line out, where it has nothing else on it."""
        found = project.lines(finding.place)
        if found is None:
            return ()
        line, _, lines = found
        text = lines[line - 1]
        return (Edit(finding.place.file, line, 1, text, ""),) if _LINE.fullmatch(text) else ()
