"""A whole call's deadline, kept from outside: HTTP clients bound each wait, and a server that sends a byte before each bound would hold a caller for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from app.adapters.engines.watchdog import Watchdog

_WATCHDOG = Watchdog()


class Line:
    """The connection of one request, as far as it has been made: `trace` is httpx's extension of that name, which hands over each stream as it is opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: list[Any] = []
        self.cut = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by the client for every step."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._streams.append(info["return_value"])
                late = self.cut
            if late:
                self.sever()

    def sever(self) -> None:
        """End whatever waits on the connection, now."""
        with self._lock:
            self.cut = True
            streams = list(self._streams)
        for stream in streams:
            with suppress(OSError, AttributeError):  # a socket that TLS took over, or that is closed already
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


@contextmanager
def within(seconds: float, line: Line) -> Iterator[None]:
    """The block, whose connection is severed where it takes longer."""
    cut: Callable[[], None] = line.sever
    with _WATCHDOG.guard(max(seconds, 0.001), cut):
        yield
