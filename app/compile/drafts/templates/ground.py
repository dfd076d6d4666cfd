"""What a template stands on: the project's metrics, measures and entities by name, with words for what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from app.compile.derive.words import in_words
from app.errors import Problem, UserError, did_you_mean
from app.model.expr import Column
from app.model.metrics import Metric, Simple
from app.model.ontology import Ontology
from app.model.semantics import Entity, Measure, SemanticModel
from app.model.types import Aggregation, Grain

Definition = dict[str, Any]
"""A metric as YAML has it in dbt ≤ 1.11, with short forms (`window: 7 days`)."""
_WINDOW = re.compile(r"^\s*([1-9]\d*)\s+([A-Za-z_]\w*)\s*$")
_SHOWN = 8
COUNTS = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT})
AMOUNTS = frozenset({Aggregation.SUM, Aggregation.SUM_BOOLEAN, *COUNTS})


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a template; "" where one was not given."""

    numerator: str = ""
    denominator: str = ""
    metric: str = ""
    base: str = ""
    conversion: str = ""
    entity: str = ""
    window: str = ""
    calculation: str = ""
    lost: str = ""
    active: str = ""
    filter: str = ""
    base_filter: str = ""
    conversion_filter: str = ""


@dataclass(slots=True)
class Ground:
    """A project's layer, and the simple metrics that a draft needs beside its own (`helpers`)."""

    ontology: Ontology
    template: str
    inside_models: bool
    helpers: dict[str, Definition] = field(default_factory=dict)

    def metric(self, option: str, name: str, aggregations: Iterable[Aggregation] = AMOUNTS, what: str = "a metric") -> str:
        """The metric that an option names; a measure that is no metric yet becomes one, among the helpers.

        Raises UserError DM2361 where the option is not given, DM2362 where it names nothing.
        """
        if not name:
            raise self.needed(option, what, self._metrics_of(aggregations))
        known = self.ontology.metric(name)
        if known is not None and known.derived:
            raise self._unknown_to_dbt(name)
        if known is not None:
            return name
        owners = [m for m in self.ontology.semantic_models if m.measure(name) and not m.derived]
        if not owners or self.inside_models:
            raise self.unknown(option, name, "metric or measure", [*self._metrics(), *self._measures()])
        measure = owners[0].measure(name)
        self.helpers[name] = {
            "name": name,
            "label": (measure.label if measure else "") or in_words(name),
            "description": measure.description if measure else "",
            "type": "simple",
            "type_params": {"measure": name},
        }
        return name

    def events(self, option: str, name: str, what: str) -> Events:
        """The measure that an option names, by its own name or that of a simple metric without a filter.

        Raises UserError DM2361, DM2362, or DM2364 for a metric that is more than a measure.
        """
        known = self._measures()
        if not name:
            raise self.needed(option, what, known if not self.inside_models else self._metrics_of(COUNTS))
        metric = self.ontology.metric(name)
        if metric is not None and metric.derived:
            raise self._unknown_to_dbt(name)
        if metric is not None and isinstance(metric.params, Simple):
            given = metric.params.input
            owner = self.ontology.semantic_model(given.semantic_model)
            measure = owner.measure(given.measure) if owner else None
            if owner and measure and (self.inside_models or not _adds(metric)):
                return Events(name if self.inside_models else measure.name, owner, measure)
        for owner in self.ontology.semantic_models:
            measure = owner.measure(name)
            if measure is not None and not owner.derived and not self.inside_models:
                return Events(name, owner, measure)
        if metric is not None:
            hint = (
                f"name its measure, and give the filter as {option}-filter" if isinstance(metric.params, Simple) else "name a simple metric"
            )
            raise self.unfit(f"`{name}` is {_a(metric.type)} metric{' with a filter' if isinstance(metric.params, Simple) else ''}", hint)
        raise self.unknown(option, name, "measure", known)

    def entity(self, name: str, base: Events, conversion: Events) -> Entity:
        """The entity that both events have. Raises UserError DM2361, DM2362 or DM2364."""
        shared = sorted({e.name for e in base.owner.entities} & {e.name for e in conversion.owner.entities})
        if not name:
            raise self.needed("--entity", "whose events belong together", shared)
        found = next((e for e in base.owner.entities if e.name == name), None)
        if found is None and name not in {e.name for model in self.ontology.semantic_models for e in model.entities}:
            raise self.unknown("--entity", name, "entity", shared)
        if found is None or name not in shared:
            without = base.owner.name if found is None else conversion.owner.name
            raise self.unfit(f"`{without}` has no entity `{name}`", _listed("both have", shared))
        return found

    def window(self, text: str, what: str) -> str:
        """A window such as `1 month`. Raises UserError DM2361 or DM2364."""
        if not text:
            raise self.needed("--window", what, ["7 days", "1 month", "1 year"])
        found = _WINDOW.match(text)
        custom = {name for spine in self.ontology.time_spines for name, _ in spine.custom}
        grain = found[2].lower() if found else ""
        if found is None or (grain.removesuffix("s") not in set(Grain) and grain not in custom):
            raise self.unfit(f"`{text}` is no window", "a count and a grain, such as `7 days` or `1 month`")
        return f"{int(found[1])} {grain}"

    def spine(self, why: str) -> None:
        """Whether there is a time spine. Raises UserError DM2364 where there is none."""
        if not self.ontology.time_spines:
            raise self.unfit(f"{why} needs a time spine, and the project has none", "`datamind suggest` drafts one")

    def needed(self, option: str, what: str, candidates: Iterable[str]) -> UserError:
        """An option that the template needs was not given."""
        return UserError(
            Problem("DM2361", f"the template `{self.template}` needs {option}: {what}", hint=_listed("for example", candidates))
        )

    def unknown(self, option: str, name: str, what: str, candidates: Iterable[str]) -> UserError:
        """An option names what is not there."""
        known = sorted(set(candidates))
        hint = did_you_mean(name, known) or _listed("there are", known)
        return UserError(Problem("DM2362", f"{option}: there is no {what} `{name}`", hint=hint))

    def unfit(self, why: str, hint: str) -> UserError:
        """What is named does not fit the template."""
        return UserError(Problem("DM2364", f"the template `{self.template}` can't be filled: {why}", hint=hint))

    def _unknown_to_dbt(self, name: str) -> UserError:
        """What is derived is DataMind's alone."""
        return self.unfit(f"`{name}` is derived, and dbt does not know it", "`datamind suggest` drafts semantic models that dbt knows")

    def counted(self, entity: Entity) -> list[str]:
        """Measures that count each value of the entity once."""
        return [
            measure.name
            for model in self.ontology.semantic_models
            if not model.derived and any(e.name == entity.name for e in model.entities)
            for measure in model.measures
            if Events(measure.name, model, measure).counts_once(entity.name)
        ]

    def _metrics_of(self, aggregations: Iterable[Aggregation]) -> list[str]:
        """Simple metrics over measures of these aggregations."""
        wanted = set(aggregations)
        found = []
        for metric in self.ontology.listed_metrics:
            if isinstance(metric.params, Simple) and not metric.derived:
                owner = self.ontology.semantic_model(metric.params.input.semantic_model)
                measure = owner.measure(metric.params.input.measure) if owner else None
                found += [metric.name] if measure and measure.agg in wanted else []
        return found

    def _metrics(self) -> list[str]:
        return [metric.name for metric in self.ontology.listed_metrics if not metric.derived]

    def _measures(self) -> list[str]:
        return sorted({m.name for model in self.ontology.semantic_models if not model.derived for m in model.measures if m.agg in COUNTS})


@dataclass(frozen=True, slots=True)
class Events:
    """A measure that counts events: `name` is what YAML names, the measure, or in dbt ≥ 1.12 the metric."""

    name: str
    owner: SemanticModel
    measure: Measure

    def counts_once(self, entity: str) -> bool:
        """Whether each value of the entity is counted once, however many events it has."""
        key = next((e.expr for e in self.owner.entities if e.name == entity), None)
        return self.measure.agg is Aggregation.COUNT_DISTINCT and isinstance(key, Column) and self.measure.expr == key


def _adds(metric: Metric) -> bool:
    """Whether a simple metric is more than its measure."""
    given = metric.params.input if isinstance(metric.params, Simple) else None
    return metric.filter is not None or given is None or given.filter is not None


def _listed(head: str, candidates: Iterable[str]) -> str:
    names = list(dict.fromkeys(candidates))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{head}: {', '.join(names[:_SHOWN])}{more}" if names else f"{head}: none"


def _a(word: str) -> str:
    return f"a{'n' if word[:1] in 'aeiou' else ''} {word}"


Template = Callable[[Asked, Ground], Definition]
"""Fills a template: `type`, `type_params` and what else it says, without name and label."""
