"""A migrated store for tests: one cluster a worker, one database a test module, copied from a template that was migrated once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg

from app.adapters.embedded import credentials
from app.adapters.embedded.stack import Part, start
from app.adapters.store.migrate import migrate

_TEMPLATE = "migrated"


class StoreCluster:
    """A running PostgreSQL and its Redis protocol server."""

    def __init__(self, url: str, redis: str, superuser_password: str) -> None:
        self.redis = redis
        self._url = url
        self._superuser_password = superuser_password
        self._numbers = itertools.count(1)
        migrate(self.empty(_TEMPLATE))

    def empty(self, name: str = "") -> str:
        """The URL of a new database without anything in it."""
        return self._made(name or f"empty{next(self._numbers)}", "template1")

    def migrated(self) -> str:
        """The URL of a new database with all tables."""
        return self._made(f"store{next(self._numbers)}", _TEMPLATE)

    def with_vectors(self) -> str:
        """The URL of a new database with all tables and pgvector, as the embedded store has it."""
        url = self.migrated()
        with self.superuser(urlsplit(url).path.lstrip("/")) as connection:
            connection.execute("CREATE EXTENSION vector")
        return url

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the cluster's own superuser, who may do what the gateway's role may not."""
        parts = urlsplit(self._url)
        return psycopg.connect(
            host=parts.hostname, port=parts.port, user="postgres", password=self._superuser_password, dbname=database, autocommit=True
        )

    def _made(self, name: str, template: str) -> str:
        owner = unquote(urlsplit(self._url).username or "")
        with self.superuser() as connection:
            connection.execute(f'CREATE DATABASE "{name}" OWNER "{owner}" TEMPLATE "{template}"')
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))


@contextmanager
def cluster(folder: Path) -> Iterator[StoreCluster]:
    """A cluster in `folder`, stopped at the end of the block."""
    with start([Part.STORE, Part.REDIS], folder) as stack:
        yield StoreCluster(stack.urls[Part.STORE], stack.urls[Part.REDIS], credentials.load(folder)[Part.STORE]["postgres"])
