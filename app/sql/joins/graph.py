"""JoinGraph: the index of a layer from which names are resolved and joins are planned. Nothing in it is linear in the number of metrics.

A join goes from a semantic model that has an entity to one in which that entity is primary or unique, or natural with a validity window (SCD type
2), so it never repeats a row (fan-out is impossible by construction). The rules of names are MetricFlow's: `customer__country` is dimension `country`
of the model that entity `customer` leads to; one's own dimensions are qualified by one's primary entity. Beyond MetricFlow, a name that says less
stands while it is unique in reach, however far that goes. `docs/joins.md` tells it to people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from app.errors import Problem, UserError, did_you_mean
from app.model.metrics import MeasureInput, Metric, measure_inputs, metric_inputs
from app.model.ontology import Ontology, TimeSpine
from app.model.physical import Model
from app.model.query import GroupBy, OrderBy
from app.model.semantics import Dimension, Entity, Measure, SemanticModel
from app.model.types import DataType
from app.sql.expressions.fields import parse_group_by, parse_order
from app.sql.joins.agreement import agree
from app.sql.joins.links import Links, is_dated
from app.sql.joins.listing import items
from app.sql.joins.names import Candidates, Names
from app.sql.joins.places import Place, Places
from app.sql.joins.reach import Reach
from app.sql.joins.reached import Hop, Reached, elements
from app.sql.joins.unreached import ambiguous, disagreeing, unreached
from app.sql.joins.ways import Way, along

METRIC_TIME = "metric_time"


class JoinGraph:
    """Read-only after `of`, so threads share it; what it remembers of names it found is the same whoever asks first."""

    __slots__ = (
        "_found",
        "_inputs",
        "_items",
        "_links",
        "_names",
        "_placed",
        "_places",
        "_resolver",
        "_types",
        "custom_grains",
        "elements",
        "has_validity",
        "measures",
        "metrics",
        "models",
        "semantic_models",
        "spines",
    )

    def __init__(self, ontology: Ontology) -> None:
        self.metrics: dict[str, Metric] = {metric.name: metric for metric in ontology.metrics}
        self.models: dict[str, Model] = {model.name: model for model in ontology.models}
        self.semantic_models: dict[str, SemanticModel] = {model.name: model for model in ontology.semantic_models}
        self.measures: dict[tuple[str, str], Measure] = {(s.name, m.name): m for s in ontology.semantic_models for m in s.measures}
        self.elements: dict[str, dict[str, Dimension | Entity]] = {s.name: elements(s) for s in ontology.semantic_models}
        self.spines: tuple[TimeSpine, ...] = tuple(sorted(ontology.time_spines, key=lambda spine: (spine.grain.order, spine.model)))
        self.custom_grains: dict[str, TimeSpine] = {name: spine for spine in self.spines for name, _ in spine.custom}
        self.has_validity = any(map(is_dated, ontology.semantic_models))
        self._types: dict[str, dict[str, DataType]] = {}
        self._links = Links(self.semantic_models, self.column_type)
        self._places = Places(self.models)
        self._resolver = Names(self.semantic_models, self.elements, self._links, self._places)
        self._names: frozenset[str] | None = None
        self._inputs: dict[str, tuple[tuple[MeasureInput, ...], tuple[MeasureInput, ...]]] = {}
        self._found: dict[tuple[str, str, tuple[str, ...]], Candidates] = {}
        self._placed: dict[tuple[str, tuple[Hop, ...]], Place] = {}
        self._items: dict[str, dict[str, Reached]] = {}

    @classmethod
    def of(cls, ontology: Ontology) -> Self:
        """The graph of a layer, or of the part of it that a caller may see."""
        return cls(ontology)

    # --- metrics and measures

    @property
    def names(self) -> frozenset[str]:
        """The names of all measures, dimensions and entities, and the columns of time spines: what a column of a plan may be called after."""
        if self._names is None:
            spines = (name for spine in self.spines for name in (spine.column, *(column or custom for custom, column in spine.custom)))
            held = (name for elements in self.elements.values() for name in elements)
            self._names = frozenset((*(measure for _, measure in self.measures), *held, *spines))
        return self._names

    def metric(self, name: str) -> Metric:
        """The metric of that name. Raises UserError DM3001."""
        found = self.metrics.get(name)
        if found is None:
            raise UserError(
                Problem(
                    "DM3001", f"there is no metric `{name}`", hint=did_you_mean(name, [n for n, m in self.metrics.items() if not m.hidden])
                )
            )
        return found

    def inputs(self, name: str) -> tuple[MeasureInput, ...]:
        """The measures on which a metric stands, through all that it is derived from, each once. Raises UserError DM3001 (unknown) or DM3008 (a cycle)."""
        return self._stands_on(name, ())[0]

    def grouped_inputs(self, name: str) -> tuple[MeasureInput, ...]:
        """Those of the metric's measures that its group-by items belong to: of a conversion metric the base events. Raises as `inputs`."""
        return self._stands_on(name, ())[1]

    def _stands_on(self, name: str, above: tuple[str, ...]) -> tuple[tuple[MeasureInput, ...], tuple[MeasureInput, ...]]:
        """All measures, and those that are grouped."""
        known = self._inputs.get(name)
        if known is not None:
            return known
        if name in above:
            raise UserError(Problem("DM3008", f"metric `{name}` is derived from itself: {' → '.join((*above, name))}"))
        params = self.metric(name).params
        own = measure_inputs(params)
        found = [(own, own[:1]), *(self._stands_on(given.metric, (*above, name)) for given in metric_inputs(params))]
        # Remembered, so that metrics which share inputs at many levels are walked once and not once for each way down.
        every, grouped = (tuple(dict.fromkeys(given for part in found for given in part[side])) for side in (0, 1))
        self._inputs[name] = every, grouped
        return every, grouped

    def agg_time(self, semantic_model: str, measure: str) -> Dimension | None:
        """The time dimension that `metric_time` means for a measure, or None where it has none."""
        model, held = self.semantic_models.get(semantic_model), self.measures.get((semantic_model, measure))
        if model is None or held is None:
            return None
        found = self.elements[semantic_model].get(model.time_of(held))
        return found if isinstance(found, Dimension) else None

    # --- physical columns

    def column_type(self, model: str, column: str) -> DataType:
        """The type of a model's column, OTHER where nothing tells."""
        types = self._types.get(model)
        if types is None:
            held = self.models.get(model)
            types = self._types[model] = {} if held is None else {c.name: c.type for c in held.columns}
        return types.get(column, DataType.OTHER)

    # --- names

    def resolve(self, semantic_model: str, name: str, path: tuple[str, ...] = ()) -> Reached:
        """What `name` (a dunder name without grain, after the entity links of `path`) means from a semantic model.

        Raises UserError DM3002 (nothing bears the name), DM3004 (several do; they are listed) or DM3005 (it exists, but no join leads there).
        """
        found = self._candidates(semantic_model, name, path)
        if found.only is not None:
            return found.only
        whole = "__".join((*path, name))
        if found.found:
            raise UserError(ambiguous(semantic_model, whole, found))
        raise UserError(unreached(semantic_model, whole, self._resolver, self._links, lambda: self.items(semantic_model), self.metrics))

    def find(self, semantic_model: str, name: str, path: tuple[str, ...] = ()) -> Reached | None:
        """What `resolve` gives, or None where the name means nothing there, or too much."""
        return self._candidates(semantic_model, name, path).only

    def resolve_for_all(self, semantic_models: Sequence[str], name: str, path: tuple[str, ...] = ()) -> tuple[Reached, ...]:
        """What the name means from each of them. Raises UserError as `resolve`, and DM3041 where that is not one thing."""
        found = {start: self.resolve(start, name, path) for start in semantic_models}
        if len(found) > 1 and not agree(found.values()):
            raise UserError(disagreeing("__".join((*path, name)), found))
        return tuple(found.values())

    def whole_name(self, metrics: Sequence[str], name: str) -> str:
        """The name that says the whole way to what `name` means for all of the metrics; as it is where they stand at different distances from it,
        or it means nothing, or one's own. Raises UserError DM3001 or DM3008."""
        starts = sorted({i.semantic_model for metric in metrics for i in self.grouped_inputs(metric)})
        found = [self.find(start, name) for start in starts]
        names = {reached.name if reached is not None and reached.hops else "" for reached in found}
        whole = names.pop() if len(names) == 1 else ""
        return whole if whole and self.says_the_same(starts, whole, found) else name

    def says_the_same(self, semantic_models: Sequence[str], name: str, found: Sequence[Reached | None]) -> bool:
        """Whether a name means from each semantic model what was found there: a whole name may be that of several models which share an entity."""
        again = (self.find(start, name) for start in semantic_models)
        return all(a is not None and b is not None and a.meaning == b.meaning for a, b in zip(again, found, strict=True))

    def reach(self, semantic_model: str) -> Reach:
        """Every semantic model to which joins lead from one, with the ways there."""
        return self._resolver.reach(semantic_model)

    def follow(self, semantic_model: str, entities: Sequence[str]) -> list[Way]:
        """The ways that a row of entity links leads from a semantic model: none where one of them leads nowhere."""
        return self._resolver.follow(semantic_model, entities)

    def place(self, semantic_model: str, hops: tuple[Hop, ...]) -> Place:
        """Where joins lead from a semantic model: one place for all hops by which the same columns of the same models are compared."""
        key = (semantic_model, hops)
        found = self._placed.get(key)
        if found is None:
            way = Way(self.semantic_models[semantic_model], self._places.start(self.semantic_models[semantic_model]))
            for hop in hops:
                link = next(link for link in self._links.through(way.target, hop.entity) if link.target.name == hop.semantic_model)
                way = along(way, link, self._places)
            found = self._placed[key] = way.place
        return found

    def _candidates(self, start: str, name: str, path: tuple[str, ...]) -> Candidates:
        """All that a name may mean, found once."""
        key = (start, name, path)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._resolver.candidates(start, name, path)
        return found

    # --- what can be asked together

    def items(self, semantic_model: str) -> dict[str, Reached]:
        """The group-by items of a semantic model by the shortest names that mean them there, with an entity before each dimension."""
        known = self._items.get(semantic_model)
        if known is None:
            known = self._items[semantic_model] = items(semantic_model, self._resolver, self.custom_grains)
        return known

    def compatible_dimensions(self, metrics: Sequence[str]) -> tuple[str, ...]:
        """Dunder names (without grain) of the group-by items that mean one thing for all of the metrics, sorted; `metric_time` where each has a time.

        Of no metrics: every item of every semantic model. Raises UserError DM3001 or DM3008.
        """
        given = [i for metric in metrics for i in self.grouped_inputs(metric)]
        starts = sorted({i.semantic_model for i in given} if metrics else set(self.semantic_models))
        listed = [self.items(start) for start in starts if start in self.semantic_models]
        if not listed:
            return ()
        shared = {name for found in listed for name in found if not metrics or self._mean_one(starts, name)}
        if given and all(self.agg_time(i.semantic_model, i.measure) for i in given):
            shared.add(METRIC_TIME)
        return tuple(sorted(shared))

    def what(self, metrics: Sequence[str], name: str) -> Reached | None:
        """What a name of `compatible_dimensions` means from the first of the metrics, None for `metric_time`. Raises UserError DM3001 or DM3008."""
        starts = sorted({i.semantic_model for metric in metrics for i in self.grouped_inputs(metric)})
        return next((found for start in starts if (found := self.find(start, name)) is not None), None)

    def _mean_one(self, starts: Sequence[str], name: str) -> bool:
        """Whether a name is one thing from each of the semantic models."""
        found = [self.find(start, name) for start in starts]
        return len(found) == 1 or (None not in found and agree([reached for reached in found if reached is not None]))

    def group_by(self, text: str) -> GroupBy:
        """A group-by item as written; the layer's custom grains are known. Raises UserError DM3110."""
        return parse_group_by(text, self.custom_grains)

    def order_by(self, text: str) -> OrderBy:
        """An order item as written. Raises UserError DM3110."""
        return parse_order(text, self.custom_grains)
