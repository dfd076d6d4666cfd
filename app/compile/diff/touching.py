"""What stands on what in one layer, so that a change can name all that it touches.

Keys are those of locations (`column.fct_orders.amount`, `measure.orders.revenue`, `metric.aov` …). Edges go from what is read to what reads it: the links of
the lineage turned round, and besides them what no lineage of a metric has: policies, exposures, and models on models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from app.compile.diff.report import Touched
from app.compile.lineage.graph import LineageGraph
from app.model.lineage import Kind, Link, Point
from app.model.metrics import Metric
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.semantics import SemanticModel
from app.sql.expressions.walk import columns
from app.sql.joins import JoinGraph

ENDS = ("metric", "saved_query", "exposure", "policy")
_WHOLE = "columns of "
"""Before a model's key: all of its columns."""


class Dependents:
    """The edges of one side. Read-only after it is made."""

    __slots__ = ("_columns", "_edges", "_graph", "_starting", "_uids", "hidden")

    def __init__(self, ontology: Ontology, joins: JoinGraph) -> None:
        self._graph = LineageGraph(ontology, joins, lambda _: None)
        self._edges: dict[str, set[str]] = defaultdict(set)
        self._columns = {
            f"column.{model.name}.{column.name}": f"model.{model.name}" for model in ontology.models for column in model.columns
        }
        self._starting: dict[str, list[str]] = defaultdict(list)
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
            self._links(f"saved_query.{saved.name}", self._graph.saved_query(saved))
        for spine in ontology.time_spines:
            self._links(f"time_spine.{spine.model}", self._graph.links(Point(Kind.TIME_SPINE, spine.model)))
        for exposure in ontology.exposures:
            for uid in exposure.depends_on:
                if uid in self._uids:
                    self._whole(self._uids[uid], f"exposure.{exposure.name}")
                else:
                    self._edges[self._named(uid)].add(f"exposure.{exposure.name}")

    def starting(self, semantic_models: Iterable[str]) -> frozenset[str]:
        """The keys of the metrics that are computed from these semantic models."""
        return frozenset(key for name in semantic_models for key in self._starting.get(name, ()))

    def reached(self, keys: Iterable[str], *, new: bool = False) -> frozenset[str]:
        """Everything that stands on one of the keys, at any depth, these left out unless something leads back to them. What reads a model as a whole reads
        none of its columns that are `new`."""
        stack = list(keys)
        if not new:
            stack += [f"{_WHOLE}{self._columns[key]}" for key in stack if key in self._columns]
        seen: set[str] = set()
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

    def _model(self, model: Model) -> None:
        """Which of a model's columns another one reads, its SQL alone tells: here it reads them all."""
        key = f"model.{model.name}"
        for uid in model.depends_on:
            if uid in self._uids:
                self._whole(self._uids[uid], key)
        for policy in model.row_policies:
            name = policy_key(model.name, policy.name)
            self._edges[key].add(name)
            for column in columns(policy.predicate):
                self._edges[f"column.{model.name}.{column.name}"].add(name)
        for masked in model.of_columns:
            name = policy_key(model.name, masked.name)
            self._edges[key].add(name)
            self._edges[f"column.{model.name}.{masked.column}"].add(name)

    def _whole(self, model: str, reader: str) -> None:
        """Something that reads a model, by its key, and all of its columns."""
        self._edges[model].add(reader)
        self._edges[_WHOLE + model].add(reader)

    def _semantic_model(self, semantic_model: SemanticModel) -> None:
        key = f"semantic_model.{semantic_model.name}"
        self._edges[f"model.{semantic_model.model}"].add(key)
        parts = (
            (Kind.ENTITY, semantic_model.entities),
            (Kind.DIMENSION, semantic_model.dimensions),
            (Kind.MEASURE, semantic_model.measures),
        )
        for kind, items in parts:
            for item in items:
                point = Point(kind, item.name, semantic_model.name)
                self._edges[key].add(_key(point))
                self._links(_key(point), self._graph.links(point))

    def _metric(self, metric: Metric) -> None:
        key = f"metric.{metric.name}"
        for start in dict.fromkeys(given.semantic_model for given in self._graph.filtered(metric.name)):
            self._starting[start].append(key)
        self._links(key, self._graph.links(Point(Kind.METRIC, metric.name)))

    def _links(self, reader: str, links: Iterable[Link]) -> None:
        for link in links:
            if link.point.kind is not Kind.UNKNOWN:
                self._edges[_key(link.point)].add(reader)


def _key(point: Point) -> str:
    """The key of a point of a lineage; rows are all of their model."""
    return f"model.{point.owner}" if point.kind is Kind.ROWS else ".".join(part for part in (point.kind, point.owner, point.name) if part)


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
