"""DM2701."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule


class MetricWithoutDescription(Rule):
    """A metric that says nothing of what it measures.

    People choose a metric by its description, and so does a language model: without one there is only the name to guess from. For example
    `metrics: [{name: aov, type: ratio, …}]` without `description`.
    """

    code = "DM2701"
    together = "{count} metrics of this file have no description: {names}"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A metric of this project whose description is empty."""
        for metric in project.metrics:
            if not metric.description.strip():
                hint = "say in `description` what is counted, and what is not"
                yield Finding(f"metric `{metric.name}` has no description", project.metric(metric.name), hint, metric.name)
