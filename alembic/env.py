"""Runs the migrations in one transaction: on the connection that `app.adapters.store.migrate` gives, or on one made from `-x url=…`."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import context
from app.adapters.store.all_tables import metadata
from app.adapters.store.database import store_url
from app.adapters.store.migrate import VERSION_TABLE
from app.adapters.store.tables import SCHEMAS


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """Autogenerate looks at our schemas only: the database may hold others' tables."""
    return kind != "schema" or name in SCHEMAS


def _run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=VERSION_TABLE,
        version_table_schema="public",
        include_schemas=True,
        include_name=_ours,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with sa.create_engine(store_url(context.get_x_argument(as_dictionary=True)["url"])).begin() as made:
        _run(made)
