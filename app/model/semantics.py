"""dbt's semantic models: entities, dimensions and measures over one model each."""

from __future__ import annotations

from enum import StrEnum

from app.model.base import Node
from app.model.expr import Expr
from app.model.types import Aggregation, Grain


class EntityType(StrEnum):
    """dbt's entity types: what a join through the entity may assume."""

    PRIMARY = "primary"
    UNIQUE = "unique"
    FOREIGN = "foreign"
    NATURAL = "natural"


class DimensionType(StrEnum):
    """dbt's dimension types."""

    CATEGORICAL = "categorical"
    TIME = "time"


class Entity(Node, frozen=True):
    """A join key. `expr` is over the model's columns; several columns (a composite key) are a `Call("tuple", …)`."""

    name: str
    type: EntityType
    expr: Expr
    role: str = ""
    description: str = ""
    label: str = ""
    meta: str = "{}"


class Dimension(Node, frozen=True):
    """Something to group and filter by.

    `grain` is a time dimension's finest granularity; `validity` is start or end of a validity window (SCD type 2), else "";
    `synonyms`, `unit` and `format` come from `meta.datamind`; `pii` is inherited from the column where `expr` is a bare column.
    """

    name: str
    type: DimensionType
    expr: Expr
    grain: Grain | None = None
    is_partition: bool = False
    validity: str = ""
    description: str = ""
    label: str = ""
    synonyms: tuple[str, ...] = ()
    pii: str = ""
    values: tuple[str, ...] = ()
    meta: str = "{}"
    unit: str = ""
    format: str = ""


class NonAdditive(Node, frozen=True):
    """dbt's `non_additive_dimension`: take the measure at the first (`min`) or last (`max`) value of a time dimension, per `groups`."""

    dimension: str
    choice: str
    groups: tuple[str, ...] = ()


class Measure(Node, frozen=True):
    """An aggregation over a model's rows. A metric that carries its own aggregation (dbt ≥ 1.12) gives one of its own name.

    `expr` of COUNT counts rows where it is not null. `percentile` is 0..1 with `discrete` and `approximate` as dbt has them.
    """

    name: str
    agg: Aggregation
    expr: Expr
    agg_time_dimension: str = ""
    percentile: float | None = None
    discrete: bool = False
    approximate: bool = False
    non_additive: NonAdditive | None = None
    description: str = ""
    label: str = ""
    meta: str = "{}"


class SemanticModel(Node, frozen=True):
    """A dbt semantic model. `model` is the name of the dbt model below; `primary_entity` names the primary entity where none is a column.

    `default_paths` says of an entity to which several ways lead which is meant where a name does not say: the links to it, itself the last.

    `derived` says that the project does not define it: it was made from the model's columns, tests and constraints.
    """

    name: str
    model: str
    entities: tuple[Entity, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    measures: tuple[Measure, ...] = ()
    primary_entity: str = ""
    agg_time_dimension: str = ""
    description: str = ""
    label: str = ""
    group: str = ""
    file: str = ""
    meta: str = "{}"
    derived: bool = False
    default_paths: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def primary(self) -> str:
        """The name that prefixes this model's dimensions (`order__status`), "" where it has no primary entity."""
        return next((e.name for e in self.entities if e.type is EntityType.PRIMARY), self.primary_entity)

    def dunder(self, dimension: str) -> str:
        """The name by which a query means a dimension of this model: `order__status`, the bare name where there is no primary entity."""
        return f"{self.primary}__{dimension}" if self.primary else dimension

    def measure(self, name: str) -> Measure | None:
        """The measure of that name, or None."""
        return next((measure for measure in self.measures if measure.name == name), None)

    def time_of(self, measure: Measure) -> str:
        """The name of the time dimension over which a measure of this model is aggregated: its own, else the model's; "" where there is none."""
        return measure.agg_time_dimension or self.agg_time_dimension
