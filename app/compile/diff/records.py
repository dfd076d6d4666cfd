"""Compares two records field by field, as the table of rules says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from app.compile.diff.matching import match
from app.compile.diff.normalise import same_meaning
from app.compile.diff.report import Kind
from app.compile.diff.rules import RULES, Mark
from app.compile.diff.side import Side, differing
from app.compile.formula import formula
from app.model.metrics import Derived, MeasureInput, Metric, MetricInput
from app.model.ontology import SavedQuery
from app.model.semantics import Measure, SemanticModel


class Difference(NamedTuple):
    """A field that differs: its way from the record, the class, the values, and whether it is only possibly a change of meaning."""

    field: str
    kind: Kind
    before: Any
    after: Any
    possible: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """Compares records of the old side with records of the new one. `home` is the semantic model on each side from which filters are read."""

    old: Side
    new: Side

    def differences(self, old: Any, new: Any, path: str = "", home: tuple[str, str] = ("", "")) -> Iterator[Difference]:
        """What differs in the fields that the table classes, records within included; parts that are compared one by one are not looked at."""
        rules = RULES.get(type(new), {})
        for name in differing(new.__struct_fields__, old, new):
            before, after = getattr(old, name), getattr(new, name)
            rule = rules.get(name, Kind.MEANING)
            way = f"{path}.{name}" if path else name
            if isinstance(rule, Kind):
                yield Difference(way, rule, before, after)
            elif not isinstance(rule, Mark):
                kind = self._judged(rule, old, new, name)
                if kind is not None:
                    yield Difference(way, kind, before, after)
            elif rule is Mark.EXPR:
                yield Difference(way, self._expression(old, new, name, home), before, after)
            elif rule is Mark.REF:
                yield Difference(way, self._reference(old, new, name, home), before, after)
            elif rule is Mark.CODE:
                yield Difference(way, Kind.MEANING, before, after, possible=True)
            elif rule is Mark.INNER:
                yield from self._inner(before, after, way, home)

    def _judged(self, rule: Any, old: Any, new: Any, name: str) -> Kind | None:
        """The judge's word, on a saved query's names by what they mean."""
        if isinstance(new, SavedQuery) and name in ("metrics", "group_by", "order_by"):
            names = Side.saved_names if name == "order_by" else Side.saved_columns
            before, after = names(self.old, old, name), names(self.new, new, name)
            if before == after:
                return Kind.COSMETIC
            old, new = replace(old, **{name: before}), replace(new, **{name: after})
        kind: Kind | None = rule(old, new, name)
        return kind

    def _inner(self, before: Any, after: Any, way: str, home: tuple[str, str]) -> Iterator[Difference]:
        if before is None or after is None or type(before) is not type(after):
            yield Difference(way, Kind.MEANING, before, after)
            return
        if isinstance(after, MeasureInput):
            home = (before.semantic_model, after.semantic_model)
        if isinstance(after, MetricInput):
            home = (self._home(self.old, before), self._home(self.new, after))
        yield from self.differences(before, after, way, home)

    @staticmethod
    def _home(side: Side, given: MetricInput) -> str:
        metric = side.ontology.metric(given.metric)
        return side.home(metric) if metric else ""

    def _expression(self, old: Any, new: Any, name: str, home: tuple[str, str]) -> Kind:
        """Cosmetic where both mean the same, seen from where they stand."""
        if isinstance(new, SavedQuery):
            return Kind.COSMETIC if self.old.saved_filter(old) == self.new.saved_filter(new) else Kind.MEANING
        before, after = getattr(old, name), getattr(new, name)
        seen = (
            self.old.condition(before, home[0]) == self.new.condition(after, home[1])
            if name in ("filter", "where")
            else same_meaning(before, after)
        )
        return Kind.COSMETIC if seen else Kind.MEANING

    def _reference(self, old: Any, new: Any, name: str, home: tuple[str, str]) -> Kind:
        """Cosmetic where the name now stands for the same thing."""
        if isinstance(new, MeasureInput):
            same = self.old.measure(old) == self.new.measure(new)
        elif isinstance(new, MetricInput):
            same = self.old.called("metric", old.metric) == self.new.called("metric", new.metric)
        elif isinstance(new, SemanticModel):  # the default of its measures: of those without a time of their own it is another one now
            inherit = any(not measure.agg_time_dimension for measure in (*old.measures, *new.measures))
            same = not inherit or self.old.element(old.name, old.agg_time_dimension) == new.agg_time_dimension
        elif isinstance(new, Measure):
            same = self.old.element(home[0], self._time(self.old, old, home[0])) == self._time(self.new, new, home[1])
        else:
            same = self.old.element(home[0], getattr(old, name)) == getattr(new, name)
        return Kind.COSMETIC if same else Kind.MEANING

    @staticmethod
    def _time(side: Side, measure: Measure, home: str) -> str:
        """The time dimension over which the measure is aggregated."""
        owner = side.ontology.semantic_model(home)
        return owner.time_of(measure) if owner else measure.agg_time_dimension

    def metric(self, old: Metric, new: Metric) -> Iterator[Difference]:
        """What differs between two metrics."""
        home = (self.old.home(old), self.new.home(new))
        if not (isinstance(old.params, Derived) and isinstance(new.params, Derived)) or old.params == new.params:
            yield from self.differences(old, new, home=home)
            return
        yield from self.differences(old, replace(new, params=old.params), home=home)
        if self.old.definition(old) == self.new.definition(new):
            yield Difference("params", Kind.COSMETIC, formula(old, self.old.ontology), formula(new, self.new.ontology))
            return
        found = [*self._derived(old.params, new.params)]
        yield from found
        if not any(difference.kind is Kind.MEANING for difference in found):
            yield Difference("params", Kind.MEANING, formula(old, self.old.ontology), formula(new, self.new.ontology))

    def _derived(self, old: Derived, new: Derived) -> Iterator[Difference]:
        """What differs between two expressions over metrics that do not mean the same."""
        if old.expr != new.expr:
            yield Difference("params.expr", Kind.COSMETIC if same_meaning(old.expr, new.expr) else Kind.MEANING, old.expr, new.expr)
        matched = match(old.inputs, new.inputs, lambda given: given.alias or given.metric)
        for before, after in matched.same:
            yield from self._inner(before, after, f"params.inputs.{after.alias or after.metric}", ("", ""))
        for before in matched.removed:
            yield Difference(f"params.inputs.{before.alias or before.metric}", Kind.MEANING, before, None)
        for after in matched.added:
            yield Difference(f"params.inputs.{after.alias or after.metric}", Kind.MEANING, None, after)
