"""Publishing over the Redis protocol. A bus that is away costs little time and is never an error: listeners also poll."""

from __future__ import annotations

import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.errors import Problem, UserError
from app.ports import Health

SECONDS = 1.0
"""How long a connection or an answer may take."""


def connect(url: str, *, read_seconds: float | None = SECONDS) -> redis.Redis:
    """A client for the server at `url` (redis://…), not yet connected. Raises UserError DM8020 where the URL is none."""
    try:
        return redis.Redis.from_url(
            url, socket_timeout=read_seconds, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0), decode_responses=True
        )
    except ValueError as cause:
        raise UserError(
            Problem("DM8020", "the Redis URL cannot be used", hint="set DATAMIND_REDIS_URL to redis://host:port/0, rediss:// or unix://")
        ) from cause


class RedisBus:
    """Sends messages to every process that listens (`app.adapters.bus.listener`)."""

    def __init__(self, url: str) -> None:
        self._client = connect(url)

    def publish(self, channel: str, message: str) -> None:
        """Send; a message that cannot be sent is lost."""
        try:
            self._client.publish(channel, message)
        except (redis.RedisError, OSError):
            return

    def health(self) -> Health:
        """Whether the server answers a PING, and how fast."""
        start = time.perf_counter()
        try:
            self._client.ping()
        except (redis.RedisError, OSError):
            return Health(up=False, ms=(time.perf_counter() - start) * 1000, detail="the Redis server does not answer")
        return Health(up=True, ms=(time.perf_counter() - start) * 1000)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
