"""What the checks of metrics look things up in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from app.model.expr import Expr
from app.model.metrics import Cumulative, MeasureInput, Metric, MetricInput, filters, measure_inputs, metric_inputs
from app.model.ontology import Ontology, TimeSpine
from app.model.physical import Model
from app.model.semantics import Dimension, SemanticModel
from app.model.types import Grain
from app.sql.clock import Clock, default_grain, unit_at_the_coarsest
from app.sql.expressions.fields import split_name
from app.sql.expressions.walk import conjunction, fields
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

Key = tuple[str, str]
"""(semantic model, measure)."""
Looked = tuple[tuple[Key, Clock], ...]
"""Measures, each with the clock by which it is looked at."""


class Ground:
    """The semantic models with their joins, the time spines, and what every metric that was built so far stands on."""

    __slots__ = ("_asked", "_filtered_by", "_looked", "_needed", "_stands", "graph", "spines")

    def __init__(self, semantic_models: Sequence[SemanticModel], spines: Sequence[TimeSpine], models: Sequence[Model] = ()) -> None:
        self.graph = JoinGraph.of(Ontology("", models=tuple(models), semantic_models=tuple(semantic_models), time_spines=tuple(spines)))
        self.spines = tuple(spines)
        self._filtered_by: dict[str, frozenset[str]] = {}
        self._stands: dict[str, tuple[Key, ...]] = {}
        self._looked: dict[str, Looked] = {}
        self._needed: dict[tuple[Clock, ...], Grain | None] = {}
        self._asked: tuple[Metric, Looked] | None = None

    def add(self, metric: Metric) -> None:
        """Take note of a metric whose inputs were added before."""
        self._stands[metric.name] = self.of(metric)
        self._looked[metric.name] = self.looked_at(metric)
        by = frozenset(field.name.lower() for part in filters(metric) for field in fields(part) if field.kind == "metric")
        if by:
            self._filtered_by[metric.name] = by

    @property
    def filtered_by(self) -> Mapping[str, frozenset[str]]:
        """Of each metric that was added and filters by metrics, their names in lower case."""
        return self._filtered_by

    def of(self, metric: Metric) -> tuple[Key, ...]:
        """The measures to which a metric's filter goes, each once, through all that it is made of; of a conversion metric the base alone."""
        own = (key_of(given) for given in measure_inputs(metric.params)[:1])
        below = (key for given in metric_inputs(metric.params) for key in self.below(given.metric))
        return tuple(dict.fromkeys((*own, *below)))

    def below(self, metric: str) -> tuple[Key, ...]:
        """`of` a metric that was added; nothing for one that was not."""
        return self._stands.get(metric, ())

    def looked_at(self, metric: Metric) -> Looked:
        """The measures to which the metric's filter goes and how each is looked at, under all that is said of it on the way there; each pair once."""
        if self._asked is not None and self._asked[0] is metric:
            return self._asked[1]  # a metric is checked, and then added
        own = measure_inputs(metric.params)
        found = [(key_of(own[0]), self._clock(metric))] if own else []
        found += [pair for given in metric_inputs(metric.params) for pair in self.looked_under(given)]
        filtered = conjunction(metric.filter, *(given.filter for given in own[:1]))
        looked = tuple(dict.fromkeys((key, clock.filtered_by(self._time_grains(filtered, key))) for key, clock in found))
        self._asked = metric, looked
        return looked

    def looked_under(self, given: MetricInput) -> Looked:
        """`looked_at` for a metric that was added, under the offset and filter with which another takes it."""
        below = self._looked.get(given.metric, ())
        return tuple((key, clock.moved(given).filtered_by(self._time_grains(given.filter, key))) for key, clock in below)

    def spine_needed(self, looked: Looked) -> Grain | None:
        """How fine a time spine must be so that what is looked at like this can be asked at one grain at least; None where any will do, and where
        a grain is unknown."""
        clocks = tuple(dict.fromkeys(clock for _, clock in looked))
        if clocks not in self._needed:
            known = all(self.standard(grain) is not None for one in clocks for grain in (*one.counted, *one.starts, *one.filtered))
            self._needed[clocks] = unit_at_the_coarsest(clocks, self.graph.custom_grains) if known else None
        return self._needed[clocks]

    def _clock(self, metric: Metric) -> Clock:
        """How a metric over measures looks at the first of them."""
        times = [self.time(key_of(given)) for given in measure_inputs(metric.params)]
        clock = Clock(default_grain(metric, times), (times[0].grain if times[0] is not None else None) or Grain.DAY)
        if not isinstance(metric.params, Cumulative):
            return clock
        window, to_date = metric.params.window, metric.params.grain_to_date
        return replace(
            clock, running=True, counted=frozenset({window.grain} if window else ()), starts=frozenset({to_date} if to_date else ())
        )

    def _time_grains(self, condition: Expr | None, key: Key) -> Iterator[str]:
        """The grains by which a filter speaks of the time of a measure; a date part is one of days."""
        time = self.time(key)
        for field in fields(condition):
            name, grain, part = split_name(field.name, self.graph.custom_grains)
            asked = Grain.DAY.value if field.date_part or part else field.grain or grain
            if not asked or field.kind == "metric" or time is None:
                continue
            if name == METRIC_TIME and not field.path:
                yield asked
            elif name.endswith(time.name):
                reached = self.graph.find(key[0], name, field.path)
                if reached is not None and not reached.hops and reached.element is time:
                    yield asked

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
