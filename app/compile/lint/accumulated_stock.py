"""DM2712."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.model.metrics import Cumulative

_END = {"max": "last", "min": "first"}


class AccumulatedStock(Rule):
    """A cumulative metric over a measure that is not additive over time.

    Of a measure with `non_additive_dimension` the records of the last (or first) time alone count, within each window too: nothing is accumulated, and
    a reader thinks that it is. For example `{type: cumulative, type_params: {measure: account_balance}}` where the balance is taken at the last day.
    """

    code = "DM2712"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A cumulative metric whose measure has a non-additive dimension."""
        for metric in project.metrics:
            if not isinstance(metric.params, Cumulative):
                continue
            given = metric.params.input
            owner = project.ontology.semantic_model(given.semantic_model)
            measure = owner.measure(given.measure) if owner else None
            stock = measure.non_additive if measure else None
            if measure is not None and stock is not None:
                yield Finding(
                    f"metric `{metric.name}` accumulates `{measure.name}`, of which only the {_END[stock.choice]} `{stock.dimension}` of its window counts:"
                    " it adds up nothing",
                    project.metric(metric.name, "type_params/measure"),
                    "ask for the measure itself at the end of the period, by a simple metric",
                    metric.name,
                )
