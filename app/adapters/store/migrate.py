"""Brings the store's schema to this version: all migrations in one transaction, under one lock.

Two instances that start at once take turns; one that dies half-way leaves the schema as it was, and its lock goes with its connection.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.util import CommandError

from alembic import command
from app.adapters.store import problems
from app.adapters.store.database import Database
from app.errors import InternalError

VERSION_TABLE = "datamind_version"
"""Where the revision is kept, in schema `public`; its own name, since the database may serve other users of Alembic."""
LOCK = 0x64617461  # any fixed number: "data"
SESSION = "-c timezone=UTC -c lock_timeout=120s"


def migrate(url: str) -> None:
    """Apply the migrations that are missing to the store at `url`; nothing where there are none.

    Raises UserError DM8016 (another instance holds the lock for two minutes), DM8017 (the store is newer) or DM8018 (no PostgreSQL URL),
    InternalError DM8011 (down), DM8013 (a migration failed; nothing is changed) or DM8019 (no scripts).
    """
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    database = Database(url, pool_size=1, session=SESSION)
    try:
        with database.transaction() as connection:
            _lock(connection)
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as cause:
                raise problems.newer_store(_revision(connection)) from cause
    finally:
        database.close()


def scripts() -> Path:
    """The folder of migration scripts: beside the package in a working copy, under the environment's `share` when installed from a wheel."""
    beside = Path(__file__).resolve().parents[3] / "alembic"
    for folder in (beside, Path(sys.prefix) / "share" / "datamind" / "alembic"):
        if (folder / "env.py").is_file() and (folder / "versions").is_dir():
            return folder
    raise problems.no_scripts()


def _lock(connection: sa.Connection) -> None:
    try:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    except sa.exc.OperationalError as cause:
        if getattr(cause.orig, "sqlstate", "") == "55P03":
            raise problems.migration_locked() from cause
        raise


def _revision(connection: sa.Connection) -> str:
    """The revision at which the store is, as it says itself."""
    try:
        return str(connection.execute(sa.text(f"SELECT version_num FROM public.{VERSION_TABLE}")).scalar())
    except sa.exc.SQLAlchemyError as cause:
        raise InternalError(problems.failed().problem) from cause
