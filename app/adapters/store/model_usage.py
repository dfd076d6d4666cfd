"""The account of language models in the store (`app.ports.model_usage.ModelUsage`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.usage_tables import model_usage as table
from app.model.model_usage import Spent, UsageLine

_SUMS = ("calls", "failures", "tokens_in", "tokens_out", "cost")


class StoredModelUsage:
    """Sums by person, model and day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, line: UsageLine) -> None:
        """Add to the sums, in one statement: calls that end at once lose nothing."""
        new = insert(table).values(**to_row(line))
        statement = new.on_conflict_do_update(
            constraint=table.primary_key, set_={name: table.c[name] + new.excluded[name] for name in _SUMS}
        )
        with self._database.transaction() as connection:
            connection.execute(statement)

    def spent(self, project_id: str, since: dt.date) -> Spent:
        """The sums of the project, by the primary key's front."""
        sums = [sa.func.coalesce(sa.func.sum(table.c[name]), 0).label(name) for name in _SUMS]
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(*sums).where(table.c.project_id == project_id, table.c.day >= since)).one()
        return Spent(int(row.calls), int(row.failures), int(row.tokens_in), int(row.tokens_out), float(row.cost))

    def lines(self, project_id: str, since: dt.date, until: dt.date, user_id: str = "") -> Sequence[UsageLine]:
        """Newest day first, then by person and model."""
        of = (table.c.user_id == user_id,) if user_id else ()
        statement = (
            sa.select(*columns(table, UsageLine))
            .where(table.c.project_id == project_id, table.c.day.between(since, until), *of)
            .order_by(table.c.day.desc(), table.c.user_id, table.c.provider, table.c.model)
        )
        with self._database.transaction() as connection:
            return [to_record(row, UsageLine) for row in connection.execute(statement)]
