"""A metric's definition in one line. What a formula consists of is said here once; the words are a `Wording`'s."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from app.model.expr import Expr
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Ontology
from app.model.semantics import Measure


class Wording(ABC):
    """How the parts of a formula are worded: in SQL's words for files, or as people say them. Never executed."""

    names_owner: ClassVar[bool] = False
    """Whether a measure is said with the semantic model that it is of."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology

    def formula(self, metric: Metric) -> str:
        """The metric in one line, with its own filter at the end."""
        match metric.params:
            case Simple(input=given):
                text = self.measure(given)
            case Ratio(numerator=numerator, denominator=denominator):
                text = f"{self.input(numerator)} / {self.input(denominator)}"
            case Derived(expr=expr, inputs=inputs):
                text = self.expr(expr) + self.inputs(inputs)
            case Cumulative(input=given, window=window, grain_to_date=to_date):
                text = self.measure(given) + self.span(window, to_date)
            case Conversion():
                text = self.conversion(metric.params)
        return text + self.where(metric.filter)

    def measure(self, given: MeasureInput) -> str:
        """A measure as a metric uses it, with the metric's filter on it; its name alone where the layer does not have it."""
        model = self.ontology.semantic_model(given.semantic_model)
        measure = next((m for m in model.measures if m.name == given.measure), None) if model else None
        if model is None or measure is None:
            return given.measure + self.where(given.filter)
        text = self.aggregation(measure) + (f" of {model.name}" if self.names_owner else "")
        if measure.non_additive:
            text += f" at the {'last' if measure.non_additive.choice == 'max' else 'first'} {measure.non_additive.dimension}"
        return text + self.where(given.filter)

    @abstractmethod
    def expr(self, expr: Expr) -> str:
        """An expression."""

    @abstractmethod
    def where(self, condition: Expr | None) -> str:
        """A filter, to be put after what it filters; "" for none."""

    @abstractmethod
    def aggregation(self, measure: Measure) -> str:
        """What is done with a measure's expression."""

    @abstractmethod
    def input(self, given: MetricInput) -> str:
        """A metric as a ratio uses it, with its filter and offset."""

    @abstractmethod
    def inputs(self, given: Sequence[MetricInput]) -> str:
        """What a derived metric's names mean, to be put after its expression; "" where they are metrics as they are."""

    @abstractmethod
    def span(self, window: Window | None, to_date: str) -> str:
        """Over what a measure is accumulated, to be put after it."""

    @abstractmethod
    def conversion(self, params: Conversion) -> str:
        """A conversion of base events."""
