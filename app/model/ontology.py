"""The Ontology: all that a dbt project means, compiled, immutable and content-hashed."""

from __future__ import annotations

from app.errors import Problem, Where
from app.model.base import Node
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


class SavedQuery(Node, frozen=True):
    """A dbt saved query, its items as written (`Dimension('customer__country')` or a dunder name)."""

    name: str
    metrics: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    limit: int | None = None
    description: str = ""
    label: str = ""
    file: str = ""


class Exposure(Node, frozen=True):
    """A dbt exposure: who downstream stands on which models and metrics (unique ids)."""

    name: str
    type: str
    owner: str = ""
    url: str = ""
    description: str = ""
    depends_on: tuple[str, ...] = ()
    file: str = ""


class Ontology(Node, frozen=True):
    """A compiled layer. Every tuple is sorted by name, so equal projects give equal bytes whatever the order of their files.

    Holds nothing that changes without the meaning changing: no times, no line numbers, no placement.
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

    def model(self, name: str) -> Model | None:
        """The model of that name, or None."""
        return next((m for m in self.models if m.name == name), None)

    def semantic_model(self, name: str) -> SemanticModel | None:
        """The semantic model of that name, or None."""
        return next((s for s in self.semantic_models if s.name == name), None)

    def metric(self, name: str) -> Metric | None:
        """The metric of that name, or None."""
        return next((m for m in self.metrics if m.name == name), None)


class TestStatus(Node, frozen=True):
    """What the last dbt run said of a test: status is pass, fail, warn, error or skipped."""

    unique_id: str
    status: str
    models: tuple[str, ...] = ()


class Layer(Node, frozen=True):
    """What is published: an Ontology with what stands beside it.

    `locations` are (key, place) pairs, keys such as `metric.revenue`, `semantic_model.orders`, `model.orders`, `dimension.orders.status`;
    `problems` are the compile's warnings; `placements` has one entry per engine whose dbt target was read.
    """

    ontology: Ontology
    placements: tuple[Placement, ...] = ()
    locations: tuple[tuple[str, Where], ...] = ()
    problems: tuple[Problem, ...] = ()
    tests: tuple[TestStatus, ...] = ()

    @property
    def version(self) -> str:
        """The Ontology's content hash, 12 hexadecimal characters: what answers and audit records name."""
        return self.ontology.fingerprint()[:12]

    def placement(self, engine: str) -> Placement | None:
        """Where the engine keeps the models, or None."""
        return next((p for p in self.placements if p.engine == engine), None)
