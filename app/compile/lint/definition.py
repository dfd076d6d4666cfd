"""What a metric computes, whatever it is called: two metrics of one definition give the same rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.compile.diff.normalise import normalised
from app.model.expr import Column, Expr
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, metric_inputs
from app.model.ontology import Ontology
from app.model.semantics import Measure, SemanticModel
from app.sql.expressions.walk import conjunction, replace_leaves


class Definitions:
    """The definitions of a layer's metrics, each computed once."""

    def __init__(self, ontology: Ontology) -> None:
        self._metrics: Mapping[str, Metric] = {metric.name: metric for metric in ontology.metrics}
        self._measures: Mapping[tuple[str, str], tuple[SemanticModel, Measure]] = {
            (model.name, measure.name): (model, measure) for model in ontology.semantic_models for measure in model.measures
        }
        self._found: dict[str, str] = {}

    def of(self, name: str) -> str:
        """A digest of what the metric of that name computes; its name where it is not in the layer. Inputs come first, without recursion: chains of
        metrics may be of any length."""
        stack = [name]
        while stack:
            at = stack[-1]
            metric = self._metrics.get(at)
            waiting = [given.metric for given in metric_inputs(metric.params) if given.metric not in self._found] if metric else []
            if waiting and at not in self._found:
                stack += waiting
                continue
            if at not in self._found:
                self._found[at] = at if metric is None else self._definition(metric)
            stack.pop()
        return self._found[name]

    def _definition(self, metric: Metric) -> str:
        match metric.params:
            case Simple(input=given):
                return _digest("simple", self._measure(given, metric.filter), metric.grain)
            case Ratio(numerator=numerator, denominator=denominator):
                return _digest("ratio", self._input(numerator), self._input(denominator), _plain(metric.filter), metric.grain)
            case Derived(expr=expr, inputs=inputs):
                return self._derived(metric, expr, inputs)
            case Cumulative(input=given) as own:
                return _digest(
                    "cumulative", self._measure(given, metric.filter), own.window, own.grain_to_date, own.period_agg, metric.grain
                )
            case Conversion() as own:
                sides = self._measure(own.base, metric.filter), self._measure(own.conversion, None)
                return _digest("conversion", *sides, own.entity, own.calculation, own.window, own.constant_properties, metric.grain)

    def _derived(self, metric: Metric, expr: Expr, inputs: Sequence[MetricInput]) -> str:
        """Of an expression, with the definition of each input in the place of its name. An expression that is one input is that input."""
        by_name = {given.alias or given.metric: given for given in inputs}
        alone = by_name.get(expr.name) if isinstance(expr, Column) else None
        if alone is not None and metric.filter is None and metric.grain is None and _is_plain(alone):
            return self.of(alone.metric)

        def meant(leaf: Expr) -> Expr:
            given = by_name.get(leaf.name) if isinstance(leaf, Column) else None
            return leaf if given is None else Column(self._input(given))

        return _digest("derived", _plain(replace_leaves(expr, meant)), _plain(metric.filter), metric.grain)

    def _input(self, given: MetricInput) -> str:
        if _is_plain(given):
            return self.of(given.metric)
        return _digest("input", self.of(given.metric), _plain(given.filter), given.offset_window, given.offset_to_grain)

    def _measure(self, given: MeasureInput, condition: Expr | None) -> str:
        """A measure by what it aggregates: two of one semantic model may differ in nothing but their names."""
        owner, measure = self._measures.get((given.semantic_model, given.measure), (None, None))
        what: list[Any] = [given.semantic_model, given.measure]
        if owner is not None and measure is not None:
            how = measure.percentile, measure.discrete, measure.approximate, measure.non_additive
            what = [owner.name, measure.agg, _plain(measure.expr), owner.time_of(measure), *how]
        return _digest("measure", *what, _plain(conjunction(given.filter, condition)), given.fill_nulls_with, given.join_to_timespine)


def _is_plain(given: MetricInput) -> bool:
    """Whether a metric is taken as it is."""
    return given.filter is None and given.offset_window is None and not given.offset_to_grain


def _plain(expr: Expr | None) -> Expr | None:
    return None if expr is None else normalised(expr)


def _digest(*parts: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
