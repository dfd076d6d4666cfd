"""DM2705."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.dbt.semantic import MetricNode
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.errors import Severity
from app.model.metrics import measure_inputs


class UnusedMeasure(Rule):
    """A measure on which no metric stands.

    People ask by metrics, so nobody can ask for it: it is left from something, or its metric was never written. For example
    `measures: [{name: refunds, agg: sum}]` without a metric over `refunds` and without `create_metric: true`.
    """

    code = "DM2705"
    severity = Severity.NOTE
    together = "no metric stands on {count} measures of this file: {names}"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A measure of this project that no metric takes, those that were left out included."""
        used = {given.measure for metric in project.ontology.metrics for given in measure_inputs(metric.params)}
        used.update(name for node in project.metric_nodes for name in _measures(node))
        for model, node in project.semantic_models:
            for measure in node.measures or ():
                if measure.name not in used and not measure.create_metric and is_own(model.file):
                    yield Finding(
                        f"no metric stands on measure `{measure.name}` of `{model.name}`",
                        Place(f"measure.{model.name}.{measure.name}", model.file),
                        "write a metric over it, set `create_metric: true`, or take it out",
                        measure.name,
                    )


def _measures(node: MetricNode) -> Iterator[str]:
    """The measures that a metric names, whether or not it could be built."""
    own = node.type_params.conversion_type_params
    for given in (node.type_params.measure, own.base_measure if own else None, own.conversion_measure if own else None):
        if given is not None:
            yield given.name
