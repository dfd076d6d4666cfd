"""The bus over a real server of the Redis protocol, there and away."""

from __future__ import annotations

import queue
import time

import pytest

from app.adapters.bus.listener import Listener
from app.adapters.bus.redis import RedisBus
from app.errors import UserError
from tests.support.store import StoreCluster

AWAY = "redis://127.0.0.1:1/0"


def test_what_is_published_is_heard(store_cluster: StoreCluster) -> None:
    heard: queue.Queue[str] = queue.Queue()
    listener = Listener(store_cluster.redis, "test:channel", heard.put)
    bus = RedisBus(store_cluster.redis)
    try:
        assert heard.get(timeout=10) == ""  # connected: look for yourself
        bus.publish("test:other", "not for us")
        bus.publish("test:channel", "hello")
        assert heard.get(timeout=10) == "hello"
        assert bus.health().up
    finally:
        listener.close()
        bus.close()


def test_a_bus_that_is_away_costs_little_and_raises_nothing() -> None:
    bus = RedisBus(AWAY)
    began = time.perf_counter()
    bus.publish("test:channel", "lost")
    assert time.perf_counter() - began < 3
    health = bus.health()
    assert not health.up
    assert "does not answer" in health.detail
    bus.close()


def test_a_listener_without_a_server_waits_and_can_be_closed() -> None:
    listener = Listener(AWAY, "test:channel", lambda _message: None)
    began = time.perf_counter()
    listener.close()
    assert time.perf_counter() - began < 5


def test_a_url_that_is_none() -> None:
    with pytest.raises(UserError) as caught:
        RedisBus("http://example.com")
    assert caught.value.problem.code == "DM8020"
