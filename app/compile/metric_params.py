"""A metric's `type_params` → what the layer holds of its type; each refusal is reported, and gives None."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from app.compile.dbt.semantic import MeasureInputNode, MetricInputNode, MetricNode, WhereFilters, WindowNode
from app.compile.expressions import Expressions
from app.compile.period_agg import LAST
from app.compile.report import Place
from app.errors import did_you_mean
from app.model.expr import Expr
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, MetricParams, Ratio, Simple, Window
from app.model.semantics import SemanticModel
from app.sql.expressions.walk import columns, conjunction


class Refused(Exception):
    """The metric cannot be built; what is wrong was reported."""


@dataclass(slots=True)
class ParamsBuilder:
    """Builds the parameters of metrics against the measures there are and the metrics built so far."""

    parse: Expressions
    owners: Mapping[str, tuple[str, ...]]
    """Measure name → the semantic models that have it."""
    built: Mapping[str, Metric]
    grains: Collection[str] = ()
    """The custom granularities, in lower case."""

    def build(self, node: MetricNode, place: Place) -> MetricParams:
        """The parameters. Raises Refused, after a report: DM2401 unknown type, DM2402 unknown measure, DM2403 a measure of several semantic
        models, DM2404 a parameter is missing, DM2406 a name in `expr` that is no input, DM2409 a metric where only a simple one is possible."""
        params = node.type_params
        match node.type.lower():
            case "simple":
                return Simple(self._own_measure(node, place))
            case "ratio":
                at = place.at("type_params")
                return Ratio(
                    self._metric(params.numerator, at.at("numerator"), node), self._metric(params.denominator, at.at("denominator"), node)
                )
            case "derived":
                return self._derived(node, place)
            case "cumulative":
                return self._cumulative(node, place)
            case "conversion":
                return self._conversion(node, place)
        self.parse.report.error(
            "DM2401",
            f"metric `{node.name}` has the unknown type `{node.type}`",
            place.at("type"),
            "simple, ratio, derived, cumulative or conversion",
        )
        raise Refused

    def _own_measure(self, node: MetricNode, place: Place) -> MeasureInput:
        params = node.type_params
        carried = params.metric_aggregation_params
        if params.measure is None and carried is None:
            raise self._missing(node, "measure", place)
        written = params.measure or MeasureInputNode(node.name)
        found = self._measure(written, place.at("type_params/measure"), node, carried.semantic_model if carried else "")
        fill = found.fill_nulls_with if found.fill_nulls_with is not None else params.fill_nulls_with
        return MeasureInput(
            found.semantic_model, found.measure, found.filter, fill, found.join_to_timespine or bool(params.join_to_timespine)
        )

    def _measure(self, written: MeasureInputNode, place: Place, node: MetricNode, semantic_model: str = "") -> MeasureInput:
        owners = self.owners.get(written.name, ())
        if semantic_model in owners:
            owners = (semantic_model,)
        if not owners:
            hint = did_you_mean(written.name, self.owners) or "is the measure itself refused?"
            self.parse.report.error(
                "DM2402", f"metric `{node.name}` uses the measure `{written.name}`, which is not in the layer; it is left out", place, hint
            )
            raise Refused
        if len(owners) > 1:
            self.parse.report.error(
                "DM2403",
                f"metric `{node.name}` uses the measure `{written.name}`, which several semantic models have: {', '.join(owners)}",
                place,
                "rename the measures",
            )
            raise Refused
        condition = self._filter(written.filter, place, node)
        return MeasureInput(owners[0], written.name, condition, written.fill_nulls_with, bool(written.join_to_timespine))

    def _through(self, written: MetricInputNode, place: Place, node: MetricNode) -> MeasureInput:
        """The measure of a simple metric, with that metric's filter and the input's."""
        metric = self.built[written.name]
        if not isinstance(metric.params, Simple):
            self.parse.report.error(
                "DM2409",
                f"metric `{node.name}` needs a simple metric; `{metric.name}` is {metric.type}",
                place,
                "accumulate a simple metric",
            )
            raise Refused
        inner = metric.params.input
        condition = conjunction(inner.filter, metric.filter, self._filter(written.filter, place, node))
        return MeasureInput(inner.semantic_model, inner.measure, condition, inner.fill_nulls_with, inner.join_to_timespine)

    def _input(
        self, measure: MeasureInputNode | None, metric: MetricInputNode | None, name: str, place: Place, node: MetricNode
    ) -> MeasureInput:
        if measure is not None:
            return self._measure(measure, place, node)
        if metric is not None:
            return self._through(metric, place, node)
        raise self._missing(node, name, place)

    def _metric(self, written: MetricInputNode | None, place: Place, node: MetricNode) -> MetricInput:
        if written is None:
            raise self._missing(node, place.path.rpartition("/")[2], place)
        return MetricInput(
            written.name,
            written.alias or "",
            self._filter(written.filter, place, node),
            self._window(written.offset_window),
            (written.offset_to_grain or "").lower(),
        )

    def _derived(self, node: MetricNode, place: Place) -> Derived:
        params = node.type_params
        if params.expr is None or not params.metrics:
            raise self._missing(node, "expr" if params.metrics else "metrics", place.at("type_params"))
        inputs = tuple(self._metric(m, place.at(f"type_params/metrics/{i}"), node) for i, m in enumerate(params.metrics))
        expr = self.parse.expression(params.expr, place.at("type_params/expr"), f"metric `{node.name}`")
        if expr is None:
            raise Refused
        names = {item.alias or item.metric for item in inputs}
        for column in columns(expr):
            if column.name not in names or column.table:
                hint = did_you_mean(column.name, names) or "list it under `metrics`"
                self.parse.report.error(
                    "DM2406",
                    f"metric `{node.name}` is left out: it speaks of `{column.name}` in its `expr`, which is none of its inputs",
                    self.parse.report.named(place.at("type_params/expr"), column),
                    hint,
                )
                raise Refused
        return Derived(expr, inputs)

    def _cumulative(self, node: MetricNode, place: Place) -> Cumulative:
        params, own = node.type_params, node.type_params.cumulative_type_params
        measure = self._input(params.measure, own.metric if own else None, "measure", place.at("type_params/measure"), node)
        window = (own.window if own else None) or params.window
        to_date = (own.grain_to_date if own else None) or params.grain_to_date or ""
        return Cumulative(measure, self._window(window), to_date.lower(), ((own.period_agg if own else None) or LAST).lower())

    def _conversion(self, node: MetricNode, place: Place) -> Conversion:
        own, at = node.type_params.conversion_type_params, place.at("type_params/conversion_type_params")
        if own is None:
            raise self._missing(node, "conversion_type_params", place.at("type_params"))
        return Conversion(
            base=self._input(own.base_measure, own.base_metric, "base_measure", at.at("base_measure"), node),
            conversion=self._input(own.conversion_measure, own.conversion_metric, "conversion_measure", at.at("conversion_measure"), node),
            entity=own.entity,
            calculation=(own.calculation or "conversion_rate").lower(),
            window=self._window(own.window),
            constant_properties=tuple(sorted((p.base_property, p.conversion_property) for p in own.constant_properties or ())),
        )

    def _window(self, node: WindowNode | None) -> Window | None:
        """`7 days` is 7 of `day` (RemovePluralFromWindowGranularityRule); a custom granularity whose own name ends in s keeps it."""
        if node is None:
            return None
        grain = node.granularity.lower()
        return Window(node.count, grain if grain in self.grains else grain.removesuffix("s"))

    def _filter(self, filters: WhereFilters | None, place: Place, node: MetricNode) -> Expr | None:
        condition, read = self.parse.filter(filters, place.at("filter"), f"metric `{node.name}`")
        if not read:
            raise Refused
        return condition

    def _missing(self, node: MetricNode, name: str, place: Place) -> Refused:
        self.parse.report.error("DM2404", f"metric `{node.name}` is {node.type} and has no `{name}`; it is left out", place)
        return Refused()


def measure_owners(semantic_models: Iterable[SemanticModel]) -> dict[str, tuple[str, ...]]:
    """Measure name → the semantic models that have it, in the order of their names."""
    owners: dict[str, list[str]] = defaultdict(list)
    for semantic_model in semantic_models:
        for measure in semantic_model.measures:
            owners[measure.name].append(semantic_model.name)
    return {name: tuple(sorted(found)) for name, found in owners.items()}
