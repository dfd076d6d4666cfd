"""Valkey speaks the Redis protocol, asks for its password, and keeps what it was told."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.adapters.embedded.stack import Part, Stack, start


def test_publish_subscribe_and_scripts(stack: Stack) -> None:
    with redis.Redis.from_url(stack.urls[Part.REDIS], decode_responses=True) as client, client.pubsub() as listener:
        listener.subscribe("events")
        assert listener.get_message(timeout=5)["type"] == "subscribe"
        assert client.publish("events", "změna") == 1
        assert listener.get_message(timeout=5)["data"] == "změna"
        assert client.eval("return redis.call('incrby', KEYS[1], ARGV[1])", 1, "counter", 5) == 5


@pytest.mark.parametrize("password", [None, "wrong"])
def test_a_wrong_or_no_password_is_refused(stack: Stack, password: str | None) -> None:
    port = urlsplit(stack.urls[Part.REDIS]).port or 0
    with redis.Redis(port=port, password=password, retry=Retry(NoBackoff(), 0)) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_queue_survives_a_restart_with_its_expiries(tmp_path: Path) -> None:
    with start([Part.REDIS], tmp_path) as stack, redis.Redis.from_url(stack.urls[Part.REDIS]) as client:
        client.rpush("celery", *range(100))
        client.set("lock", "x", ex=1000)
        client.zadd("schedule", {"sync": 1.5})
    with start([Part.REDIS], tmp_path) as stack, redis.Redis.from_url(stack.urls[Part.REDIS]) as client:
        assert client.llen("celery") == 100
        assert 0 < client.ttl("lock") <= 1000
        assert client.zscore("schedule", "sync") == 1.5
