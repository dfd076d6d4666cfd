"""The four parts of the stack, and what a running one is to the others: its URLs and its server process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.adapters.embedded.processes import HOST, Kept


class Part(StrEnum):
    """What can be embedded; each is replaced alone by a server named by URL."""

    STORE = "store"  # the gateway's own PostgreSQL
    POSTGRES = "postgres"  # the warehouse on PostgreSQL
    CLICKHOUSE = "clickhouse"  # the warehouse on ClickHouse's engine
    REDIS = "redis"  # the queue, the cache and the event bus

    @property
    def label(self) -> str:
        """The part's name for people."""
        return {
            Part.STORE: "PostgreSQL store",
            Part.POSTGRES: "PostgreSQL warehouse",
            Part.CLICKHOUSE: "ClickHouse warehouse",
            Part.REDIS: "Valkey",
        }[self]


@dataclass(frozen=True, slots=True)
class Server:
    """A part that answers: `url` is what the gateway uses (read only on a warehouse), `owner_url` the warehouse's owner for dbt and loading, else ""."""

    part: Part
    kept: Kept
    url: str
    owner_url: str = ""


def url(scheme: str, user: str, password: str, port: int, database: str) -> str:
    """A URL on loopback; generated passwords need no escaping."""
    return f"{scheme}://{user}:{password}@{HOST}:{port}/{database}"
