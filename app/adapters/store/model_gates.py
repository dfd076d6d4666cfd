"""Which language models may draft, in the store (`app.ports.ModelGates`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database
from app.adapters.store.feedback_tables import model_gates as table
from app.adapters.store.rows import columns, to_record, to_row
from app.model.model_gates import ANY_ADDRESS, ModelGate

_CHANGES = (
    "state",
    "heard",
    "approved",
    "fault",
    "tries",
    "tried_at",
    "replayed_at",
    "decided_by",
    "decided_at",
    "reason",
    "layer_version",
)


class StoredModelGates:
    """Those of each project, one for a provider, model and address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, project_id: str) -> Sequence[ModelGate]:
        """Every one, the oldest first."""
        return self._select(table.c.project_id == project_id)

    def get(self, gate_id: str, project_id: str) -> ModelGate | None:
        """The one of that id, or None."""
        found = self._select(table.c.id == gate_id, table.c.project_id == project_id)
        return found[0] if found else None

    def add(self, gate: ModelGate) -> ModelGate:
        """The one of that provider, model and address: this one, where there was none, and none from before addresses were told apart."""
        named = ("project_id", "provider", "model")
        same = (*named, "address")
        of_any = sa.and_(*(table.c[name] == getattr(gate, name) for name in named), table.c.address == ANY_ADDRESS)
        exact = sa.select(table.c.id).where(*(table.c[name] == getattr(gate, name) for name in same)).exists()
        with self._database.transaction() as connection:
            connection.execute(sa.update(table).where(of_any, ~exact).values(address=gate.address))
            connection.execute(insert(table).values(**to_row(gate)).on_conflict_do_nothing(index_elements=same))
        return self._select(*(table.c[name] == getattr(gate, name) for name in same))[0]

    def change(self, gate: ModelGate, *, before: ModelGate) -> bool:
        """Keep what became of it; False where its state, its layer or what was heard of it is not what it was before: somebody else was there."""
        row, was = to_row(gate), to_row(before)
        still = sa.and_(*(table.c[name] == was[name] for name in ("id", "project_id", "state", "layer_version", "heard")))
        with self._database.transaction() as connection:
            return connection.execute(sa.update(table).where(still).values(**{name: row[name] for name in _CHANGES})).rowcount == 1

    def _select(self, *where: sa.ColumnElement[bool]) -> Sequence[ModelGate]:
        statement = sa.select(*columns(table, ModelGate)).where(*where).order_by(table.c.id)
        with self._database.transaction() as connection:
            return [to_record(row, ModelGate) for row in connection.execute(statement)]
