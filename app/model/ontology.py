"""The Ontology: all that a dbt project means, compiled, immutable and content-hashed."""

from __future__ import annotations

from functools import cached_property

from app.errors import Problem, Where
from app.model.base import Node
from app.model.expr import Expr
from app.model.lineage import ModelLineage, read_lineage
from app.model.metrics import Metric
from app.model.physical import Model, Placement
from app.model.semantics import SemanticModel
from app.model.types import Grain


class TimeSpine(Node, frozen=True):
    """A model with one row per period of `grain`; `custom` maps a custom granularity's name to its column."""

    model: str
    column: str
    grain: Grain
    custom: tuple[tuple[str, str], ...] = ()


class Export(Node, frozen=True):
    """Where dbt writes a saved query's rows: `kind` is table or view; `schema` and `alias` are "" where dbt chooses."""

    name: str
    kind: str = ""
    schema: str = ""
    alias: str = ""


class SavedQuery(Node, frozen=True):
    """A dbt saved query, its items as written (`Dimension('customer__country')` or a dunder name). `cached` is dbt's `cache.enabled`."""

    name: str
    metrics: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    limit: int | None = None
    description: str = ""
    label: str = ""
    file: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()
    meta: str = "{}"
    exports: tuple[Export, ...] = ()
    cached: bool = False


class Group(Node, frozen=True):
    """A dbt group: who owns the models and metrics that name it."""

    name: str
    owner: str = ""
    email: str = ""
    description: str = ""
    meta: str = "{}"


class Exposure(Node, frozen=True):
    """A dbt exposure: who downstream stands on which models and metrics (unique ids). `maturity` is high, medium or low."""

    name: str
    type: str
    owner: str = ""
    url: str = ""
    description: str = ""
    depends_on: tuple[str, ...] = ()
    file: str = ""
    label: str = ""
    maturity: str = ""
    tags: tuple[str, ...] = ()
    meta: str = "{}"


class Segment(Node, frozen=True):
    """A named filter (`meta.datamind.segments` of a semantic model); its names are those that a query of that model's metrics may use."""

    name: str
    semantic_model: str
    where: Expr
    label: str = ""
    description: str = ""
    file: str = ""


class Hierarchy(Node, frozen=True):
    """A drill path (`meta.datamind.hierarchies` of a semantic model): names of dimensions as queries have them, from the coarsest to the finest."""

    name: str
    semantic_model: str
    levels: tuple[str, ...]
    label: str = ""
    description: str = ""
    file: str = ""


class Ontology(Node, frozen=True, dict=True):
    """A compiled layer. Every tuple is sorted by name, so equal projects give equal bytes whatever the order of their files.

    Holds nothing that changes without the meaning changing: no times, no line numbers, no placement. Looking a name up costs the same
    whatever the size of the layer.
    """

    project: str
    adapter: str = ""
    models: tuple[Model, ...] = ()
    semantic_models: tuple[SemanticModel, ...] = ()
    metrics: tuple[Metric, ...] = ()
    saved_queries: tuple[SavedQuery, ...] = ()
    time_spines: tuple[TimeSpine, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    default_access: str = "allow"
    """What a model without any policy gives to a signed-in user: `allow` or `deny` (dbt_project.yml `vars.datamind_default_access`)."""
    on_failure: str = "warn"
    """What becomes of answers that stand on failed tests or stale sources, where a model says nothing itself: `warn` or `block` (`vars.datamind_on_failure`)."""
    groups: tuple[Group, ...] = ()
    segments: tuple[Segment, ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()

    def model(self, name: str) -> Model | None:
        """The model of that name, or None."""
        return self._models.get(name)

    def of_dbt(self, unique_id: str) -> Model | None:
        """The model of dbt's unique id, or None."""
        return self._by_unique_id.get(unique_id)

    def semantic_model(self, name: str) -> SemanticModel | None:
        """The semantic model of that name, or None."""
        return self._semantic_models.get(name)

    def metric(self, name: str) -> Metric | None:
        """The metric of that name, or None."""
        return self._metrics.get(name)

    @cached_property
    def listed_metrics(self) -> tuple[Metric, ...]:
        """The metrics that listings, suggestions and the lexicon show: a hidden one is found by its name alone."""
        return tuple(metric for metric in self.metrics if not metric.hidden)

    @cached_property
    def _models(self) -> dict[str, Model]:
        return {model.name: model for model in self.models}

    @cached_property
    def _by_unique_id(self) -> dict[str, Model]:
        return {model.unique_id: model for model in self.models}

    @cached_property
    def _semantic_models(self) -> dict[str, SemanticModel]:
        return {semantic_model.name: semantic_model for semantic_model in self.semantic_models}

    @cached_property
    def _metrics(self) -> dict[str, Metric]:
        return {metric.name: metric for metric in self.metrics}


class LeftOut(Node, frozen=True):
    """A metric that the project declares and the layer does not have: the code of the Problem that keeps it out, and where that stands."""

    name: str
    code: str
    where: Where | None = None


class Layer(Node, frozen=True, dict=True):
    """What is published: an Ontology with what stands beside it.

    `locations` are (key, place) pairs, keys such as `metric.revenue`, `semantic_model.orders`, `model.orders`, `dimension.orders.status`;
    `problems` are the compile's warnings; `placements` has one entry per engine whose dbt target was read. `lineage` is what the models' SQL says,
    as `lineage_text` writes it: only what is published has it, and it is read when somebody asks, since it may be larger than all the rest.
    """

    ontology: Ontology
    placements: tuple[Placement, ...] = ()
    locations: tuple[tuple[str, Where], ...] = ()
    problems: tuple[Problem, ...] = ()
    lineage: str = ""
    left_out: tuple[LeftOut, ...] = ()
    """The metrics that are declared and not served, by name. No policy says who may know of them: they are told to those who mend them."""

    @cached_property
    def version(self) -> str:
        """The Ontology's content hash, 12 hexadecimal characters: what answers and audit records name. Computed once: it reads all of it."""
        return self.ontology.fingerprint()[:12]

    @cached_property
    def lineages(self) -> dict[str, ModelLineage]:
        """The lineage by model. Computed once."""
        return {one.model: one for one in read_lineage(self.lineage)}

    def placement(self, engine: str) -> Placement | None:
        """Where the engine keeps the models, or None."""
        return next((p for p in self.placements if p.engine == engine), None)
