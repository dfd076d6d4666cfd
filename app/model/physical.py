"""What lies in the warehouse, as dbt describes it: models, columns, and where each engine keeps them."""

from __future__ import annotations

from functools import cached_property

from app.model.base import Node
from app.model.policy import AnyPolicy, ColumnPolicy, LimitPolicy, RowPolicy, SizePolicy
from app.model.types import DataType, Grain


class ColumnReference(Node, frozen=True):
    """A `relationships` test or foreign key: the values of a column are meant to be among those of another model's column.

    `certain` where they must be: the test lets no orphan pass and did not fail, or the database holds the key.
    """

    model: str
    column: str
    certain: bool = True


class ModelColumn(Node, frozen=True):
    """A column of a dbt model.

    `native_type` is the adapter's own spelling, "" where neither contract, YAML nor catalog tells; `pii` is the class of personal
    data that it holds (email, phone, …), as `meta.datamind.pii` names it or inherited along lineage, "" where none, several joined by `+` (`email+phone`);
    `declassified` is the reason for which it holds none although it is derived from what does; `accepted_values`, `unique`, `not_null` and `references`
    come from tests and constraints; `grain` is the granularity that YAML gives the column.
    """

    name: str
    type: DataType = DataType.OTHER
    native_type: str = ""
    description: str = ""
    label: str = ""
    tags: tuple[str, ...] = ()
    pii: str = ""
    synonyms: tuple[str, ...] = ()
    not_null: bool = False
    unique: bool = False
    accepted_values: tuple[str, ...] = ()
    references: ColumnReference | None = None
    meta: str = "{}"
    grain: Grain | None = None
    declassified: str = ""

    @property
    def pii_classes(self) -> tuple[str, ...]:
        """The classes of personal data that it holds, sorted."""
        return tuple(self.pii.split("+")) if self.pii else ()


class Model(Node, frozen=True):
    """A dbt model, seed, snapshot or source that a query may name.

    `name` is unique in a layer (a source is `source_name.table`); `unique_id` is dbt's; `file` is relative to the project; `meta` is canonical JSON;
    `alias` is the relation's own name (a query may say either). `depends_on` holds the unique ids that the model is built from.
    `deprecated` is the ISO date from which dbt says not to use it, "" where none. `on_failure` is `warn` or `block`: what becomes of answers that stand on it
    while a test of it, or of what it is built from, failed; "" leaves that to the layer.
    """

    name: str
    unique_id: str
    resource_type: str = "model"
    package: str = ""
    alias: str = ""
    description: str = ""
    label: str = ""
    columns: tuple[ModelColumn, ...] = ()
    primary_key: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group: str = ""
    owner: str = ""
    access: str = ""
    materialized: str = ""
    contract_enforced: bool = False
    file: str = ""
    depends_on: tuple[str, ...] = ()
    row_policies: tuple[RowPolicy, ...] = ()
    column_policies: tuple[ColumnPolicy, ...] = ()
    size_policies: tuple[SizePolicy, ...] = ()
    limit_policies: tuple[LimitPolicy, ...] = ()
    meta: str = "{}"
    synonyms: tuple[str, ...] = ()
    deprecated: str = ""
    on_failure: str = ""

    @property
    def is_governed(self) -> bool:
        """Whether a policy says who sees it: one that only bounds queries does not, nor one of the store that only takes away, nor a mask that a column
        inherited."""
        return any(not policy.takes for policy in self.row_policies) or any(policy.source == "dbt" for policy in self.of_columns)

    @property
    def policies(self) -> tuple[AnyPolicy, ...]:
        """All of them."""
        return (*self.row_policies, *self.column_policies, *self.size_policies, *self.limit_policies)

    @property
    def guarded_columns(self) -> frozenset[str]:
        """The columns that somebody does not see as they are, by a policy."""
        return frozenset(policy.column for policy in self.of_columns)

    @property
    def of_columns(self) -> tuple[ColumnPolicy | SizePolicy, ...]:
        """The policies that say what is seen of a column."""
        return (*self.column_policies, *self.size_policies)

    def column(self, name: str) -> ModelColumn | None:
        """The column of that name (exact spelling), or None."""
        return next((column for column in self.columns if column.name == name), None)


class Relation(Node, frozen=True):
    """Where an engine keeps a model. On ClickHouse `schema` is the database and `database` is empty."""

    schema: str
    name: str
    database: str = ""


class Statistic(Node, frozen=True):
    """A number that an adapter's catalog tells of a relation: `row_count` in `rows`, `bytes` in `bytes`; `unit` is "" where it is not known."""

    model: str
    name: str
    value: float
    unit: str = ""


class Placement(Node, frozen=True, dict=True):
    """Where one engine keeps the models that it has, beside the layer: (model name, relation) pairs sorted by name.

    `column_types` holds (model, column, native type) of this engine's catalog, where it was read. When dbt ran is not said: a run alone makes no new layer.
    `statistics` are the catalog's, by model and name: they were true when it was written, and are for estimates only.
    """

    engine: str
    relations: tuple[tuple[str, Relation], ...] = ()
    column_types: tuple[tuple[str, str, str], ...] = ()
    statistics: tuple[Statistic, ...] = ()

    def relation(self, model: str) -> Relation | None:
        """Where the model is on this engine, or None where the engine does not have it."""
        return self._relations.get(model)

    @cached_property
    def _relations(self) -> dict[str, Relation]:
        return dict(self.relations)
