"""Vectors in the gateway's own PostgreSQL, in a schema of their own that is made when it is first needed: a store may lack pgvector, and get it later."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from app.adapters.store.database import Database, advisory_lock
from app.adapters.vectors.problems import no_extension
from app.errors import DataMindError
from app.model.records import TrainingKind
from app.ports import Health, Space, Vector

_SCHEMA = sa.text(
    "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'"
)
_TABLE = """
CREATE SCHEMA IF NOT EXISTS vectors;
CREATE TABLE IF NOT EXISTS vectors.training (
    project_id text COLLATE "C" NOT NULL,
    embedder text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    embedding {schema}.vector NOT NULL,
    PRIMARY KEY (project_id, embedder, id)
)
"""
_IN_SPACE = "FROM vectors.training WHERE project_id = :project_id AND embedder = :embedder"
_ROWS = 1000


class PgVectors:
    """Every search compares with all vectors of its space, so none is overlooked; some ten thousand take milliseconds.

    Raises UserError DM8055 where the extension is not there and cannot be made; else as Database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._schema = ""

    def put(self, space: Space, kind: TrainingKind, vectors: Mapping[str, Vector]) -> None:
        """Insert, or overwrite."""
        rows = [{**_key(space), "kind": str(kind), "id": one, "embedding": _text(vector)} for one, vector in sorted(vectors.items())]
        with self._transaction() as connection:
            statement = sa.text(
                f"INSERT INTO vectors.training VALUES (:project_id, :embedder, :id, :kind, CAST(:embedding AS {self._schema}.vector)) "
                "ON CONFLICT (project_id, embedder, id) DO UPDATE SET kind = excluded.kind, embedding = excluded.embedding"
            )
            for start in range(0, len(rows), _ROWS):
                connection.execute(statement, rows[start : start + _ROWS])

    def remove(self, space: Space, ids: Collection[str]) -> None:
        """Delete them."""
        with self._transaction() as connection:
            connection.execute(sa.text(f"DELETE {_IN_SPACE} AND id = ANY(:ids)"), {**_key(space), "ids": sorted(ids)})

    def ids(self, space: Space) -> frozenset[str]:
        """The ids of the space."""
        with self._transaction() as connection:
            return frozenset(connection.execute(sa.text(f"SELECT id {_IN_SPACE}"), _key(space)).scalars())

    def nearest(self, space: Space, kind: TrainingKind, vector: Vector, limit: int) -> Sequence[str]:
        """By the cosine, equals by id."""
        with self._transaction() as connection:
            distance = f"embedding OPERATOR({self._schema}.<=>) CAST(:vector AS {self._schema}.vector)"
            statement = sa.text(f"SELECT id {_IN_SPACE} AND kind = :kind ORDER BY {distance}, id LIMIT :limit")
            given = {**_key(space), "kind": str(kind), "vector": _text(vector), "limit": limit}
            return list(connection.execute(statement, given).scalars())

    def keep_only(self, space: Space) -> None:
        """Delete the project's vectors of other embedders."""
        with self._transaction() as connection:
            connection.execute(
                sa.text("DELETE FROM vectors.training WHERE project_id = :project_id AND embedder <> :embedder"), _key(space)
            )

    def health(self) -> Health:
        """Whether the store answers and has what is needed."""
        start = time.perf_counter()
        try:
            with self._transaction() as connection:
                connection.execute(sa.text("SELECT 1 FROM vectors.training LIMIT 1"))
        except DataMindError as error:
            return Health(up=False, detail=f"{error.problem.message}; {error.problem.hint}")
        return Health(up=True, ms=(time.perf_counter() - start) * 1000, detail="pgvector in the store")

    def close(self) -> None:
        """The store's connections are closed with the store."""

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with self._lock:
            self._schema = self._schema or self._made()
        with self._database.transaction() as connection:
            yield connection

    def _made(self) -> str:
        """The schema of the extension, quoted, with the extension and the table there."""
        with self._database.transaction() as connection:
            schema = connection.execute(_SCHEMA).scalar()
        if schema is None:
            self._extend()
        with self._database.transaction() as connection:
            schema = schema or str(connection.execute(_SCHEMA).scalar())
            quoted = f'"{schema.replace(chr(34), chr(34) * 2)}"'
            if connection.execute(sa.text("SELECT to_regclass('vectors.training')")).scalar() is None:
                advisory_lock(connection, "vectors")
                connection.exec_driver_sql(_TABLE.format(schema=quoted))
            return quoted

    def _extend(self) -> None:
        try:
            with self._database.transaction() as connection:
                connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
        except DataMindError as cause:
            if cause.problem.code == "DM8013":
                raise no_extension() from cause
            raise


def _key(space: Space) -> dict[str, str]:
    return {"project_id": space.project_id, "embedder": space.embedder}


def _text(vector: Vector) -> str:
    """As pgvector reads it; seven digits are all that four bytes hold."""
    return f"[{','.join(map('%.7g'.__mod__, vector))}]"
