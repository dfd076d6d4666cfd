"""The embedded stack: any of its four parts started together on one data directory, stopped together, and found again by other processes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from app.adapters.embedded import clickhouse, credentials, identity, postgres, problems, state, valkey
from app.adapters.embedded.identity import Identity
from app.adapters.embedded.parts import Part, Server
from app.adapters.embedded.processes import stop_all
from app.adapters.embedded.state import Running

__all__ = ["Part", "Running", "Stack", "attach", "start"]


class Stack:
    """The parts that this process started; leaving its context stops them. They also end when this process does, however it ends."""

    def __init__(self, running: Running, servers: Collection[Server], lock: int) -> None:
        self._running = running
        self._servers = list(servers)
        self._lock = lock
        self._stopping = threading.Lock()
        self._stopped = False

    @property
    def running(self) -> Running:
        """What other processes get by `attach`."""
        return self._running

    @property
    def urls(self) -> Mapping[Part, str]:
        """Part → the URL that the gateway uses; a warehouse's is its read-only user's."""
        return self._running.urls

    @property
    def owner_urls(self) -> Mapping[Part, str]:
        """Warehouse → the URL of its owner, for dbt and loading."""
        return self._running.owner_urls

    @property
    def pids(self) -> Mapping[Part, int]:
        """Part → the pid of its server."""
        return self._running.pids

    def memory_mb(self) -> float:
        """The proportional memory (PSS) of all servers with their children, in MiB."""
        return self._running.memory_mb()

    def stop(self) -> None:
        """Stop all parts and free the directory. Safe to call again, and in a forked child, where it does nothing."""
        with self._stopping:
            if self._stopped or os.getpid() != self._running.launcher:
                return
            state.withdraw(self._running.directory)
            stop_all(server.kept for server in self._servers)
            os.close(self._lock)
            self._stopped = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def start(parts: Collection[Part], directory: Path, *, progress: Callable[[str], None] = lambda _line: None) -> Stack:
    """Start the named parts at the same time and return when each answers.

    `directory` is made when it is missing and keeps everything: data, logs, generated passwords. `progress` gets one line per part, from several threads.
    Raises UserError DM1101 to DM1107; nothing is left running then.
    """
    folder = _make(directory)
    lock = state.lock(folder)
    servers: list[Server] = []
    try:
        state.announce(folder, None)
        passwords = credentials.load(folder)
        run_as = identity.choose() if {Part.STORE, Part.POSTGRES} & set(parts) else Identity()

        def begin(part: Part) -> None:
            began = time.monotonic()
            server = _start_part(part, folder / part, passwords[part], lock, run_as)
            servers.append(server)
            progress(f"{part.label} answers on port {server.kept.port} after {time.monotonic() - began:.1f} s")

        with ThreadPoolExecutor(max_workers=len(Part), thread_name_prefix="embedded") as pool:
            for started in [pool.submit(begin, part) for part in dict.fromkeys(parts)]:
                started.result()
        return Stack(state.announce(folder, servers), servers, lock)
    except BaseException:
        stop_all(server.kept for server in servers)
        state.withdraw(folder)
        os.close(lock)
        raise


def attach(directory: Path) -> Running | None:
    """The stack that another process (or this one) runs on `directory`, or None. Raises UserError DM1103 when it belongs to another user."""
    return state.find(directory.absolute())


def _make(directory: Path) -> Path:
    folder = directory.absolute()
    try:
        folder.mkdir(
            mode=0o711, parents=True, exist_ok=True
        )  # passable, for the account that runs PostgreSQL where it cannot be ours; all inside is private
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError("no right to write there")
    except OSError as error:
        raise problems.directory_unusable(folder, error.strerror or str(error)) from error
    return folder


def _start_part(part: Part, folder: Path, passwords: Mapping[str, str], lock: int, run_as: Identity) -> Server:
    match part:
        case Part.STORE | Part.POSTGRES:
            return postgres.start(part, folder, passwords, lock, run_as)
        case Part.CLICKHOUSE:
            return clickhouse.start(folder, passwords, lock)
        case Part.REDIS:
            return valkey.start(folder, passwords, lock)
