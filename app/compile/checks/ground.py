"""What the checks of metrics look things up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, Ratio, Simple
from app.model.ontology import Ontology, TimeSpine
from app.model.semantics import Dimension, SemanticModel
from app.model.types import Grain
from app.sql.joins import JoinGraph

Key = tuple[str, str]
"""(semantic model, measure)."""
Times = tuple[Grain, Grain]
"""A metric's default grain, and the one by which its times are known."""


class Ground:
    """The semantic models with their joins, the time spines, and what every metric that was built so far stands on."""

    __slots__ = ("_leaves", "_stands", "filtered_by", "graph", "spines")

    def __init__(self, semantic_models: Sequence[SemanticModel], spines: Sequence[TimeSpine]) -> None:
        self.graph = JoinGraph.of(Ontology("", semantic_models=tuple(semantic_models), time_spines=tuple(spines)))
        self.spines = tuple(spines)
        self.filtered_by: dict[str, set[str]] = {}
        """Of each metric that filters by metrics, their names in lower case."""
        self._stands: dict[str, tuple[Key, ...]] = {}
        self._leaves: dict[str, tuple[Times, ...]] = {}

    def add(self, metric: Metric) -> None:
        """Take note of a metric whose inputs were added before."""
        self._stands[metric.name] = self.of(metric)
        self._leaves[metric.name] = self.times(metric)

    def of(self, metric: Metric) -> tuple[Key, ...]:
        """The measures to which a metric's filter goes, each once, through all that it is made of; of a conversion metric the base alone."""
        match metric.params:
            case Simple(input=given) | Cumulative(input=given) | Conversion(base=given):
                return (key_of(given),)
            case Ratio(numerator=numerator, denominator=denominator):
                return tuple(dict.fromkeys((*self.below(numerator.metric), *self.below(denominator.metric))))
            case Derived(inputs=inputs):
                return tuple(dict.fromkeys(key for given in inputs for key in self.below(given.metric)))

    def below(self, metric: str) -> tuple[Key, ...]:
        """`of` a metric that was added; nothing for one that was not."""
        return self._stands.get(metric, ())

    def times(self, metric: Metric) -> tuple[Times, ...]:
        """Of each metric over measures on which this one stands, or this one itself, the default grain and that of its times, each pair once."""
        match metric.params:
            case Ratio(numerator=numerator, denominator=denominator):
                return tuple(dict.fromkeys((*self.times_below(numerator.metric), *self.times_below(denominator.metric))))
            case Derived(inputs=inputs):
                return tuple(dict.fromkeys(pair for given in inputs for pair in self.times_below(given.metric)))
            case Conversion(base=base, conversion=conversion):
                keys: tuple[Key, ...] = (key_of(base), key_of(conversion))
            case Simple(input=given) | Cumulative(input=given):
                keys = (key_of(given),)
        default = metric.grain or max(Grain.DAY, self.coarsest(keys) or Grain.DAY, key=lambda grain: grain.order)
        return ((default, self.coarsest(keys[:1]) or Grain.DAY),)

    def times_below(self, metric: str) -> tuple[Times, ...]:
        """`times` of a metric that was added; nothing for one that was not."""
        return self._leaves.get(metric, ())

    def finest_spine(self) -> Grain | None:
        """The grain of the time spine with the most rows, or None where there is none."""
        return min((spine.grain for spine in self.spines), key=lambda grain: grain.order, default=None)

    def time(self, key: Key) -> Dimension | None:
        """The time dimension over which a measure is aggregated, or None where it has none."""
        return self.graph.agg_time(*key)

    def coarsest(self, keys: Iterable[Key]) -> Grain | None:
        """The coarsest grain of the measures' times: what is finer cannot be told of all of them."""
        grains = [time.grain for key in keys if (time := self.time(key)) is not None and time.grain is not None]
        return max(grains, key=lambda grain: grain.order, default=None)

    def standard(self, grain: str) -> Grain | None:
        """A grain by name; a custom one counts as that of its time spine. None where it is unknown."""
        if grain in _GRAINS:
            return _GRAINS[grain]
        spine = self.graph.custom_grains.get(grain)
        return spine.grain if spine else None

    def grains(self) -> tuple[str, ...]:
        """All grains by name, the custom ones first."""
        return (*sorted(self.graph.custom_grains), *_GRAINS)


_GRAINS = {grain.value: grain for grain in Grain}


def key_of(given: MeasureInput) -> Key:
    """The measure that an input takes."""
    return given.semantic_model, given.measure
