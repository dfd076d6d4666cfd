"""Notices clients that leave while their query runs, so that it can be cancelled."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator

_POLL_MILLISECONDS = 100
_GONE = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class Disconnects:
    """One thread that watches the sockets of running queries and calls `cancel(key)` for those whose client has closed."""

    def __init__(self, cancel: Callable[[str], None]) -> None:
        self._cancel = cancel
        self._watched: dict[int, str] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, daemon=True, name="disconnects").start()

    @contextlib.contextmanager
    def during(self, connection: socket.socket, key: str) -> Iterator[None]:
        """Watch `connection` while the query with `key` runs."""
        descriptor = connection.fileno()
        with self._changed:
            self._watched[descriptor] = key
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._watched.pop(descriptor, None)

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._watched)
                watched = dict(self._watched)
            poll = select.poll()
            for descriptor in watched:
                poll.register(descriptor, _GONE)
            gone = [watched[descriptor] for descriptor, event in poll.poll(_POLL_MILLISECONDS) if event & _GONE]
            with self._changed:
                leaving = [(descriptor, key) for descriptor, key in self._watched.items() if key in gone]
                for descriptor, _key in leaving:
                    del self._watched[descriptor]
            for _descriptor, key in leaving:
                self._cancel(key)
