"""HTTP connections whose call can be stopped from another thread: clickhouse-connect itself can only wait."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from clickhouse_connect.driver.httpclient import HttpClient
from clickhouse_connect.driver.httputil import get_pool_manager
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Stopped(Exception):
    """The call was stopped before or while it waited; `Call.why` says by what."""


class Call:
    """The requests of one statement. `why` is "" until it is stopped, then `cancelled`, `time` or `size`: of each answer at most `most` bytes are read, 0
    being no bound."""

    def __init__(self, most: int = 0) -> None:
        self.why = ""
        self.most = most
        self._lock = threading.Lock()
        self._connection: Any = None

    def stop(self, why: str) -> None:
        """Cut the connection, so that whoever waits on it gets an end of data; later requests of the call are refused. Returns at once."""
        with self._lock:
            self.why = self.why or why
            connection = self._connection
            if connection is not None and connection.call is self and connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        """The statement is over: its connection may already serve another."""
        with self._lock:
            self._connection = None

    def attach(self, connection: Any) -> None:
        """Go on by this connection. Raises Stopped."""
        with self._lock:
            if self.why:
                raise Stopped
            connection.call = self
            self._connection = connection

    def check(self) -> None:
        """Raises Stopped where somebody stopped it while it was connecting."""
        if self.why:
            raise Stopped


_thread = threading.local()


@contextmanager
def calling(call: Call) -> Iterator[Call]:
    """Requests that this thread makes in the block belong to `call`."""
    _thread.call = call
    try:
        yield call
    finally:
        _thread.call = None
        call.finish()


class BoundedClient(HttpClient):
    """The driver's client, of which the thread's call bounds how much of an answer is read: the driver reads a block whole, and one may hold gigabytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        execute = self._backend.execute_query

        def bounded(*arguments: Any, **more: Any) -> Any:
            execution = execute(*arguments, **more)
            call: Call | None = getattr(_thread, "call", None)
            if call is not None and execution.source is not None:
                execution.source.gen = _bounded(execution.source.gen, call)
            return execution

        self._backend.execute_query = bounded  # type: ignore[method-assign]


def _bounded(chunks: Iterator[bytes], call: Call) -> Iterator[bytes]:
    """The chunks of an answer, unpacked, as long as its call goes on. Raises Stopped."""
    read = 0
    for chunk in chunks:
        read += len(chunk)
        if call.most and read > call.most:
            call.stop("size")
        call.check()
        yield chunk


class _Stoppable:
    """What a connection of either scheme does more: it tells the thread's call that it serves it."""

    call: Call | None = None

    def request(self, *arguments: Any, **options: Any) -> None:
        """Send, unless the call is stopped."""
        call: Call | None = getattr(_thread, "call", None)
        self.call = call
        if call is not None:
            call.attach(self)
        super().request(*arguments, **options)  # type: ignore[misc]

    def getresponse(self) -> Any:
        """Wait for the answer, unless the call was stopped while this connected."""
        if self.call is not None:
            self.call.check()
        return super().getresponse()  # type: ignore[misc]


class _Http(_Stoppable, HTTPConnection):
    """HTTP."""


class _Https(_Stoppable, HTTPSConnection):
    """HTTP over TLS."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


def pool(size: int, *, verify: bool) -> PoolManager:
    """A pool manager that keeps at most `size` connections a host; its connections are those above."""
    manager: PoolManager = get_pool_manager(maxsize=size, verify=verify)
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager
