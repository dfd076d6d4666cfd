"""JoinGraph: the index of a layer from which names are resolved and joins are planned. Nothing in it is linear in the number of metrics.

A join goes from a semantic model that has an entity to one in which that entity is primary or unique, or natural with a validity window (SCD type
2), so it never repeats a row (fan-out is impossible by construction). The rules of names are MetricFlow's: `customer__country` is dimension `country`
of the model that entity `customer` leads to; one's own dimensions are qualified by one's primary entity. Beyond MetricFlow, a name that says less
stands while it is unique in reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from app.errors import Problem, UserError, did_you_mean
from app.model.metrics import MeasureInput, Metric, measure_inputs, metric_inputs
from app.model.ontology import Ontology, TimeSpine
from app.model.physical import Model
from app.model.query import GroupBy, OrderBy
from app.model.semantics import Dimension, Entity, EntityType, Measure, SemanticModel
from app.model.types import DataType
from app.sql.expressions.fields import parse_group_by, parse_order
from app.sql.expressions.walk import key_parts
from app.sql.joins.reached import ONE_ROW, Hop, Reached, elements, local_links

METRIC_TIME = "metric_time"
MOST_HOPS = 2
"""How far a name that does not say its whole way is looked for, and how far dimensions are listed. A name that says it goes any length."""


class JoinGraph:
    """Read-only after `of`, so threads share it; what it remembers of names it found is the same whoever asks first."""

    __slots__ = (
        "_entities",
        "_found",
        "_inputs",
        "_items",
        "_names",
        "_providers",
        "_reach",
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
        self._entities = {s.name: {e.name: e for e in s.entities} for s in ontology.semantic_models}
        self.spines: tuple[TimeSpine, ...] = tuple(sorted(ontology.time_spines, key=lambda spine: (spine.grain.order, spine.model)))
        self.custom_grains: dict[str, TimeSpine] = {name: spine for spine in self.spines for name, _ in spine.custom}
        self._providers: dict[str, list[SemanticModel]] = {}
        for model in ontology.semantic_models:
            for entity in model.entities:
                if entity.type in ONE_ROW or (entity.type is EntityType.NATURAL and _is_dated(model)):
                    self._providers.setdefault(entity.name, []).append(model)
        self.has_validity = any(map(_is_dated, ontology.semantic_models))
        self._types: dict[str, dict[str, DataType]] = {}
        self._names: frozenset[str] | None = None
        self._reach: dict[str, tuple[tuple[SemanticModel, tuple[Hop, ...]], ...]] = {}
        self._inputs: dict[str, tuple[tuple[MeasureInput, ...], tuple[MeasureInput, ...]]] = {}
        self._found: dict[tuple[str, str, tuple[str, ...]], Reached] = {}
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
        key = (semantic_model, name, path)
        found = self._found.get(key)
        if found is None:
            several = self._candidates(*key)
            if len(several) != 1:
                raise UserError(self._unresolved(semantic_model, "__".join((*path, name)), several))
            found = self._found[key] = several[0]
        return found

    def find(self, semantic_model: str, name: str, path: tuple[str, ...] = ()) -> Reached | None:
        """What `resolve` gives, or None where the name means nothing there, or too much."""
        key = (semantic_model, name, path)
        found = self._found.get(key)
        if found is None:
            several = self._candidates(*key)
            if len(several) == 1:
                found = self._found[key] = several[0]
        return found

    def _candidates(self, start: str, name: str, path: tuple[str, ...]) -> list[Reached]:
        """All that a name may mean."""
        *links, element = (*path, *name.split("__"))
        return self._exact(start, tuple(links), element) or ([] if path else self._shorter(start, tuple(links), element))

    def _exact(self, start: str, links: tuple[str, ...], element: str) -> list[Reached]:
        """What bears the name as MetricFlow reads it: one's own first, else what the links lead to."""
        model, own = self.semantic_models[start], self.elements[start].get(element)
        if not links:
            return [Reached(model, own)] if isinstance(own, Entity) else []
        if len(links) == 1 and own is not None and element != links[0] and links[0] in local_links(model):
            return [Reached(model, own)]
        ways: list[tuple[SemanticModel, tuple[Hop, ...]]] = [(model, ())]
        for link in links:
            ways = [
                (target, (*hops, Hop(link, target.name)))
                for at, hops in ways
                for target in self._targets(at, link)
                if not _been(start, hops, target)
            ]
        held = ((target, hops, self.elements[target.name].get(element)) for target, hops in ways)
        return [Reached(target, found, hops) for target, hops, found in held if found is not None and element != links[-1]]

    def _shorter(self, start: str, links: tuple[str, ...], element: str) -> list[Reached]:
        """Everything in reach whose full name ends with the one given."""
        found: dict[tuple[str, str], Reached] = {}
        for target, hops in self._ways(start):
            held = self.elements[target.name].get(element)
            way = tuple(hop.entity for hop in hops) or local_links(target)[:1]
            if held is not None and way[len(way) - len(links) :] == links and not (hops and held.name == hops[-1].entity):
                reached = Reached(target, held, hops)
                found.setdefault((reached.name, target.name), reached)
        return list(found.values())

    def _targets(self, model: SemanticModel, entity: str) -> list[SemanticModel]:
        """The semantic models to which a model may be joined through an entity; of two histories neither says which time of the other is meant."""
        held = self._entities[model.name].get(entity)
        if held is None:
            return []
        dated = held.type is EntityType.NATURAL
        return [
            target
            for target in self._providers.get(entity, ())
            if target.name != model.name and not (dated and self._entities[target.name][entity].type is EntityType.NATURAL)
        ]

    def _ways(self, start: str) -> tuple[tuple[SemanticModel, tuple[Hop, ...]], ...]:
        """Every semantic model within MOST_HOPS and the way there, nearest first, the start itself included."""
        known = self._reach.get(start)
        if known is None:
            ways: list[tuple[SemanticModel, tuple[Hop, ...]]] = [(self.semantic_models[start], ())]
            edge = list(ways)
            for _ in range(MOST_HOPS):
                edge = [
                    (target, (*hops, Hop(entity.name, target.name)))
                    for at, hops in edge
                    for entity in at.entities
                    for target in self._targets(at, entity.name)
                    if not _been(start, hops, target) and not (hops and hops[-1].entity == entity.name)
                ]
                ways += edge
            known = self._reach[start] = tuple(ways)
        return known

    def _unresolved(self, start: str, name: str, several: list[Reached]) -> Problem:
        """Why a name means nothing, or too much."""
        if several:
            listed = ", ".join(
                f"`{r.name}` (of {r.owner.name})" for r in sorted(several, key=lambda r: (len(r.hops), r.name, r.owner.name))
            )
            return Problem("DM3004", f"`{name}` means several things from `{start}`: {listed}", hint="write the whole path")
        here = set(self.items(start))
        if any(name in self.items(other) for other in self.semantic_models):
            element = name.rpartition("__")[2]
            owners = sorted(s for s, held in self.elements.items() if element in held)
            return Problem("DM3005", f"`{name}` can't be joined to `{start}`", hint=self._why_not(start, owners))
        return Problem("DM3002", f"there is no dimension or entity `{name}`", hint=did_you_mean(name, {*here, METRIC_TIME}))

    def _why_not(self, start: str, owners: Sequence[str]) -> str:
        """A sentence on the joins that are missing or would repeat rows."""
        mine = {e.name for e in self.semantic_models[start].entities}
        for owner in owners:
            shared = sorted(mine & {e.name for e in self.semantic_models[owner].entities if e.type is EntityType.FOREIGN})
            if shared:
                return f"`{owner}` has many rows for one `{shared[0]}`: joining it would count rows more than once"
        return f"`{start}` shares no key with {', '.join(f'`{o}`' for o in owners[:3])}"

    # --- what can be asked together

    def items(self, semantic_model: str) -> dict[str, Reached]:
        """The group-by items of a semantic model by their names; one that a shorter way reaches too is listed under that one only.

        Keys of several columns are no items.
        """
        known = self._items.get(semantic_model)
        if known is None:
            known, seen, twice = {}, set(), set()
            for target, hops in self._ways(semantic_model):
                for held in self.elements[target.name].values():
                    if (hops and held.name == hops[-1].entity) or len(key_parts(held.expr)) > 1:
                        continue
                    mark = (target.name, held.name)
                    reached = Reached(target, held, hops)
                    if mark in seen and len(hops) > 1:
                        continue
                    if reached.name in known and known[reached.name].owner is not target:
                        twice.add(reached.name)
                    seen.add(mark)
                    known.setdefault(reached.name, reached)
            own = {name for name, reached in known.items() if not reached.hops}
            known = {name: known[name] for name in sorted(known) if name not in twice or name in own}
            self._items[semantic_model] = known
        return known

    def compatible_dimensions(self, metrics: Sequence[str]) -> tuple[str, ...]:
        """Dunder names (without grain) of the group-by items that all of the metrics share, sorted; `metric_time` where each has a time.

        Of no metrics: every item of every semantic model. Raises UserError DM3001 or DM3008.
        """
        given = [i for metric in metrics for i in self.grouped_inputs(metric)]
        starts = sorted({i.semantic_model for i in given} if metrics else set(self.semantic_models))
        sets = [set(self.items(start)) for start in starts if start in self.semantic_models]
        if not sets:
            return ()
        shared = set.intersection(*sets) if metrics else set.union(*sets)
        if given and all(self.agg_time(i.semantic_model, i.measure) for i in given):
            shared.add(METRIC_TIME)
        return tuple(sorted(shared))

    def group_by(self, text: str) -> GroupBy:
        """A group-by item as written; the layer's custom grains are known. Raises UserError DM3110."""
        return parse_group_by(text, self.custom_grains)

    def order_by(self, text: str) -> OrderBy:
        """An order item as written. Raises UserError DM3110."""
        return parse_order(text, self.custom_grains)


def _been(start: str, hops: tuple[Hop, ...], target: SemanticModel) -> bool:
    """Whether the way has already passed the target."""
    return target.name == start or any(hop.semantic_model == target.name for hop in hops)


def _is_dated(model: SemanticModel) -> bool:
    """Whether each of its rows holds for a time (SCD type 2): of one natural key there are several, of which one is valid at a time."""
    return {dimension.validity for dimension in model.dimensions} >= {"start", "end"}
