"""What is known of the dbt project that takes a draft: its models, where they lie, and their columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.model.ontology import Layer
from app.model.physical import Model
from app.model.types import DataType

_TEMPORAL = (DataType.DATE, DataType.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Models by name, and by the last parts of where they lie, in lower case. Empty where no project was given: then nothing can be checked."""

    dialect: str = "postgres"
    models: dict[str, Model] = field(default_factory=dict)
    tables: dict[tuple[str, ...], str] = field(default_factory=dict)
    semantic_models: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()

    @classmethod
    def of(cls, layer: Layer | None) -> Catalog:
        """The catalog of a compiled project; empty without one."""
        if layer is None:
            return cls()
        ontology = layer.ontology
        tables: dict[tuple[str, ...], str] = {}
        ambiguous: set[tuple[str, ...]] = set()
        for placement in layer.placements:
            for name, relation in placement.relations:
                for parts in ((relation.name,), (relation.schema, relation.name), (relation.database, relation.schema, relation.name)):
                    key = tuple(part.lower() for part in parts)
                    if tables.setdefault(key, name) != name:
                        ambiguous.add(key)
        return cls(
            "clickhouse" if ontology.adapter == "clickhouse" else "postgres",
            {model.name: model for model in ontology.models},
            {key: name for key, name in tables.items() if key not in ambiguous},
            frozenset(model.name for model in ontology.semantic_models if not model.derived),
            frozenset(metric.name for metric in ontology.metrics if not metric.derived),
        )

    def model_of(self, table: str) -> tuple[Model | None, bool]:
        """The dbt model that lies at `database.schema.table`, and whether all that is written of it agrees; else the one whose name agrees."""
        parts = tuple(part.strip().strip('"`[]').lower() for part in table.split("."))
        for length in range(min(len(parts), 3), 0, -1):
            name = self.tables.get(parts[-length:])
            if name in self.models:
                return self.models[name], length == len(parts)
        return self.models.get(parts[-1]), len(parts) == 1

    def type_of(self, model: Model | None, column: str) -> DataType | None:
        """A column's type; None where it is not known."""
        found = model.column(column) if model else None
        return None if found is None or found.type is DataType.OTHER else found.type
