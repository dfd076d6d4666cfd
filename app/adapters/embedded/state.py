"""Who runs a data directory, and where: the lock that a launcher holds and the state file by which other processes attach."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.embedded import problems
from app.adapters.embedded.credentials import write_private
from app.adapters.embedded.parts import Part, Server
from app.adapters.embedded.processes import alive, memory_mb, started_at
from app.errors import UserError

_FILE = "stack.json"
_FORMAT = 1
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that answers: URLs as the gateway uses them, the warehouse owners' URLs, and the pids of the servers and their launcher."""

    directory: Path
    launcher: int
    urls: Mapping[Part, str]
    owner_urls: Mapping[Part, str]
    pids: Mapping[Part, int]

    def memory_mb(self) -> float:
        """The proportional memory (PSS) of all servers with their children, in MiB."""
        return memory_mb(self.pids.values())


def lock(directory: Path, *, patience: float = 20.0) -> int:
    """Lock a directory for this process and return the lock's descriptor.

    Waits up to `patience` seconds for the servers of a launcher that is gone (their keepers hold its lock until all of them have ended).
    Raises UserError DM1102, which names the launcher that holds it.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(directory)
            # without a live holder in the state file, a launcher is in its first moments or its servers are in their last
            if holder is None and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
                continue
            os.close(descriptor)
            raise problems.directory_in_use(directory, holder) from None
        return descriptor


def announce(directory: Path, servers: Iterable[Server] | None) -> Running:
    """Write who runs the directory: before the servers start with `servers` None (nobody attaches yet), then with all of them."""
    ready = list(servers or ())
    running = Running(
        directory=directory,
        launcher=os.getpid(),
        urls={server.part: server.url for server in ready},
        owner_urls={server.part: server.owner_url for server in ready if server.owner_url},
        pids={server.part: server.kept.pid for server in ready},
    )
    text = {
        "format": _FORMAT,
        "ready": servers is not None,
        "launcher": running.launcher,
        "started": started_at(running.launcher),
        "urls": running.urls,
        "owner_urls": running.owner_urls,
        "pids": running.pids,
    }
    write_private(directory / _FILE, json.dumps(text, indent=1) + "\n")
    return running


def withdraw(directory: Path) -> None:
    """Remove the state file: nobody attaches any more."""
    (directory / _FILE).unlink(missing_ok=True)


def find(directory: Path) -> Running | None:
    """The running stack of a directory, or None: no state file, a stale one, one of another format, or not ready yet. Raises UserError DM1103 when unreadable."""
    state = _read(directory)
    if state is None or not state.get("ready") or not _lives(state):
        return None
    try:
        return Running(
            directory=directory,
            launcher=int(state["launcher"]),
            urls={Part(part): str(text) for part, text in state["urls"].items()},
            owner_urls={Part(part): str(text) for part, text in state["owner_urls"].items()},
            pids={Part(part): int(pid) for part, pid in state["pids"].items()},
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def _read(directory: Path) -> dict[str, Any] | None:
    try:
        state = json.loads((directory / _FILE).read_text(encoding="utf-8"))
    except PermissionError as error:
        raise problems.directory_unusable(directory, "its stack belongs to another user") from error
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) and state.get("format") == _FORMAT else None


def _lives(state: Mapping[str, Any]) -> bool:
    pid = state.get("launcher")
    return isinstance(pid, int) and alive(pid) and started_at(pid) == state.get("started")


def _holder(directory: Path) -> int | None:
    try:
        state = _read(directory)
    except UserError:
        return None
    pid = state.get("launcher") if state else None
    return pid if state and isinstance(pid, int) and _lives(state) else None
