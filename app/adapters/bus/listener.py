"""Listening to the bus: a thread that hears messages and comes back by itself when the server was away."""

from __future__ import annotations

import threading
from collections.abc import Callable

import redis

from app.adapters.bus.redis import connect

BACK_OFF = 2.0
"""Seconds to wait before asking a server that was away again."""


class Listener:
    """Calls `heard(message)` for each message of a channel, on a thread of its own, until `close`.

    `heard` is also called with "" after each connection is made: what was sent while nobody listened is lost, so the caller looks for itself.
    It should be quick and must not raise.
    """

    def __init__(self, url: str, channel: str, heard: Callable[[str], None]) -> None:
        self._client = connect(url, read_seconds=None)
        self._channel = channel
        self._heard = heard
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bus-{channel}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; returns when the thread has ended."""
        self._closing.set()
        self._thread.join()
        self._client.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._listen()
            except (redis.RedisError, OSError):
                self._closing.wait(BACK_OFF)

    def _listen(self) -> None:
        with self._client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]  # redis-py's stub
            channel.subscribe(self._channel)
            self._heard("")
            while not self._closing.is_set():
                message = channel.get_message(timeout=0.2)
                if message is not None and message["type"] == "message":
                    self._heard(message["data"])
