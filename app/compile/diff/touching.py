"""What stands on what in one layer, so that a change can name all that it touches.

Keys are those of locations (`column.fct_orders.amount`, `measure.orders.revenue`, `metric.aov` …). Edges go from what is read to what reads it; what a
filter, a group-by item or a policy names counts as read, and so do the keys of the joins on the way there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from app.compile.diff.report import Touched
from app.compile.diff.side import Side
from app.errors import UserError
from app.model.expr import Expr
from app.model.metrics import Cumulative, Metric, filters, measure_inputs, metric_inputs
from app.model.ontology import SavedQuery
from app.model.physical import Model
from app.model.query import GroupBy
from app.model.semantics import SemanticModel
from app.sql.expressions.fields import parse_group_by
from app.sql.expressions.parse import parse_where
from app.sql.expressions.walk import columns, fields
from app.sql.joins.graph import METRIC_TIME

ENDS = ("metric", "saved_query", "exposure", "policy")


class Dependents:
    """The edges of one side. Read-only after it is made."""

    __slots__ = ("_edges", "_side", "_starting", "_uids", "hidden")

    def __init__(self, side: Side) -> None:
        self._side = side
        self._edges: dict[str, set[str]] = defaultdict(set)
        self._starting: dict[str, list[str]] = defaultdict(list)
        ontology = side.ontology
        self.hidden = frozenset(f"metric.{metric.name}" for metric in ontology.metrics if metric.hidden)
        """Metrics that are no name for people: what stands on them is told, they are not."""
        self._uids = {model.unique_id: f"model.{model.name}" for model in ontology.models}
        for model in ontology.models:
            self._model(model)
        for semantic_model in ontology.semantic_models:
            self._semantic_model(semantic_model)
        for metric in ontology.metrics:
            self._metric(metric)
        for saved in ontology.saved_queries:
            self._saved(saved)
        for spine in ontology.time_spines:
            self._edges[f"model.{spine.model}"].add(f"time_spine.{spine.model}")
            self._edges[f"column.{spine.model}.{spine.column}"].add(f"time_spine.{spine.model}")
        for exposure in ontology.exposures:
            for uid in exposure.depends_on:
                self._edges[self._named(uid)].add(f"exposure.{exposure.name}")

    def starting(self, semantic_models: Iterable[str]) -> frozenset[str]:
        """The keys of the metrics that are computed from these semantic models."""
        return frozenset(key for name in semantic_models for key in self._starting.get(name, ()))

    def reached(self, keys: Iterable[str]) -> frozenset[str]:
        """Everything that stands on one of the keys, at any depth, these left out unless something leads back to them."""
        seen: set[str] = set()
        stack = list(keys)
        while stack:
            for key in self._edges.get(stack.pop(), ()):
                if key not in seen:
                    seen.add(key)
                    stack.append(key)
        return frozenset(seen)

    # --- edges

    def _named(self, uid: str) -> str:
        """The key of what bears dbt's unique id."""
        kind, _, rest = uid.partition(".")
        return self._uids.get(uid) or f"{kind}.{rest.partition('.')[2]}"

    def _reads(self, reader: str, expr: Expr | None, model: str) -> None:
        for column in columns(expr):
            self._edges[f"column.{model}.{column.name}"].add(reader)

    def _model(self, model: Model) -> None:
        key = f"model.{model.name}"
        for uid in model.depends_on:
            if uid in self._uids:
                self._edges[self._uids[uid]].add(key)
        for policy in model.row_policies:
            name = policy_key(model.name, policy.name)
            self._edges[key].add(name)
            self._reads(name, policy.predicate, model.name)
        for masked in model.column_policies:
            name = policy_key(model.name, masked.name)
            self._edges[key].add(name)
            self._edges[f"column.{model.name}.{masked.column}"].add(name)

    def _semantic_model(self, model: SemanticModel) -> None:
        key, below = f"semantic_model.{model.name}", f"model.{model.model}"
        self._edges[below].add(key)
        for kind, items in (("entity", model.entities), ("dimension", model.dimensions), ("measure", model.measures)):
            for item in items:
                part = f"{kind}.{model.name}.{item.name}"
                self._edges[key].add(part)
                self._reads(part, item.expr, model.model)
        for measure in model.measures:
            part, time = f"measure.{model.name}.{measure.name}", model.time_of(measure)
            used = [time] if time else []
            used += [measure.non_additive.dimension, *measure.non_additive.groups] if measure.non_additive else []
            for name in used:
                self._element(model.name, name, part)

    def _element(self, semantic_model: str, name: str, reader: str) -> None:
        for kind in ("dimension", "entity"):
            self._edges[f"{kind}.{semantic_model}.{name}"].add(reader)

    def _metric(self, metric: Metric) -> None:
        key = f"metric.{metric.name}"
        params = metric.params
        needs_spine = isinstance(params, Cumulative)
        for given in measure_inputs(params):
            self._edges[f"measure.{given.semantic_model}.{given.measure}"].add(key)
            needs_spine = needs_spine or given.join_to_timespine
        for inner in metric_inputs(params):
            self._edges[f"metric.{inner.metric}"].add(key)
            needs_spine = needs_spine or bool(inner.offset_window or inner.offset_to_grain)
        starts = self._starts(metric.name)
        for start in starts:
            self._starting[start].append(key)
        entity = getattr(params, "entity", "")
        for start in starts if entity else ():
            self._element(start, entity, key)
        if needs_spine:
            self._spines(key)
        for condition in filters(metric):
            self._names(condition, starts, key)

    def _spines(self, key: str) -> None:
        for spine in self._side.ontology.time_spines:
            self._edges[f"time_spine.{spine.model}"].add(key)

    def _starts(self, metric: str) -> tuple[str, ...]:
        try:
            return tuple(dict.fromkeys(given.semantic_model for given in self._side.joins.grouped_inputs(metric)))
        except UserError:
            return ()

    def _names(self, condition: Expr, starts: Iterable[str], reader: str) -> None:
        for name in fields(condition):
            if name.kind == "metric":
                self._edges[f"metric.{name.name}"].add(reader)
                continue
            self._way(name.name, name.path, starts, reader)

    def _way(self, name: str, path: tuple[str, ...], starts: Iterable[str], reader: str) -> None:
        """The element that a name means, and the entities on the way to it."""
        joins = self._side.joins
        for start in starts:
            reached = joins.find(start, name, path) if name != METRIC_TIME and start in joins.semantic_models else None
            if reached is None:
                continue
            self._element(reached.owner.name, reached.element.name, reader)
            at = start
            for hop in reached.hops:
                self._edges[f"entity.{at}.{hop.entity}"].add(reader)
                self._edges[f"entity.{hop.semantic_model}.{hop.entity}"].add(reader)
                at = hop.semantic_model

    def _saved(self, saved: SavedQuery) -> None:
        key = f"saved_query.{saved.name}"
        for metric in saved.metrics:
            self._edges[f"metric.{metric}"].add(key)
        starts = tuple(dict.fromkeys(start for metric in saved.metrics for start in self._starts(metric)))
        for item in self._items(saved):
            self._way(item.name, item.path, starts, key)
            if item.grain in self._side.joins.custom_grains:
                self._edges[f"time_spine.{self._side.joins.custom_grains[item.grain].model}"].add(key)
        for text in saved.where:
            try:
                self._names(parse_where(text), starts, key)
            except UserError:
                continue

    def _items(self, saved: SavedQuery) -> Iterator[GroupBy]:
        for text in (*saved.group_by, *saved.order_by):
            try:
                yield parse_group_by(text.removeprefix("-"), self._side.joins.custom_grains)
            except UserError:
                continue


def policy_key(model: str, policy: str) -> str:
    """How a policy is called: that of a column bears its model's name already."""
    return f"policy.{policy}" if policy.startswith(f"{model}.") else f"policy.{model}.{policy}"


def touched(keys: Iterable[str], themselves: Iterable[str]) -> Touched:
    """What of these keys people ask for, and which training items tell of them and of `themselves`; those are not named again."""
    own = frozenset(themselves)
    named: dict[str, list[str]] = defaultdict(list)
    training: set[str] = set()
    for key in (*keys, *own):
        kind, _, name = key.partition(".")
        if kind in ENDS and key not in own:
            named[kind].append(name)
        if kind in ("metric", "dimension", "saved_query"):
            training.add(key)
        elif kind in ("model", "column"):
            training.add(name if kind == "model" else _model_of(name))
    metrics, queries, exposures, policies = (tuple(sorted(set(named[kind]))) for kind in ENDS)
    return Touched(metrics, queries, exposures, policies, tuple(sorted(training)))


def _model_of(column: str) -> str:
    """The model of a column's key; a source's name has a dot in it, a column's may not."""
    return column.rpartition(".")[0]
