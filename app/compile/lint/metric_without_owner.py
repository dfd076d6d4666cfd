"""DM2702."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.errors import Severity


class MetricWithoutOwner(Rule):
    """A metric for which nobody answers.

    Who doubts a number asks its owner; an answer names the owner beside the definition. It is that of the metric's dbt `group`, or `meta.owner`. For
    example `metrics: [{name: aov, type: ratio, …}]` without `config: {group: finance}`.
    """

    code = "DM2702"
    severity = Severity.NOTE
    together = "{count} metrics of this file have no owner: {names}"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A metric of this project without an owner."""
        for metric in project.metrics:
            if not metric.owner.strip():
                hint = "give it a `group` that has an owner, or `meta: {owner: …}`"
                yield Finding(f"metric `{metric.name}` has no owner", project.metric(metric.name), hint, metric.name)
