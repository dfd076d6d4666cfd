"""DM2433."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.errors import Severity
from app.model.types import Aggregation

FILE = "semantic_manifest.json"
_TRANSFORMED = (Aggregation.COUNT, Aggregation.SUM_BOOLEAN, Aggregation.MEDIAN)


class UntransformedAggregations(Rule):
    """Aggregations that semantic_manifest.json has as they are written, and not as MetricFlow computes them.

    dbt writes the file before MetricFlow's transformations: a COUNT is not yet a sum of ones, a `sum_boolean` not yet a sum, a median not yet a
    percentile. A tool that takes the file at its word is wrong about these; DataMind and MetricFlow transform it first. The rule is off unless it
    is selected, since only a project with such a tool has to do with it. For example `measures: [{name: orders, agg: count, expr: id}]`.
    """

    code = "DM2433"
    severity = Severity.NOTE
    optional = True

    def check(self, project: Linted) -> Iterator[Finding]:
        """One finding for the file, where it holds such aggregations."""
        aggs = [measure.agg.lower() for node in project.semantic_model_nodes for measure in node.measures or ()]
        carried = (node.type_params.metric_aggregation_params for node in project.metric_nodes if node.type_params.measure is None)
        counts = Counter([*aggs, *(params.agg.lower() for params in carried if params)])
        said = ", ".join(f"{counts[agg]} {agg}" for agg in _TRANSFORMED if counts[agg])
        if said:
            yield Finding(
                f"{FILE} holds aggregations that are not yet transformed: {said}",
                Place("", FILE),
                "read it through MetricFlow, or let the tool that reads it transform these",
            )
