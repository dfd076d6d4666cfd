"""ClickHouse's engine from the wheel `chdb` behind our HTTP server, as a child process that owns its data directory."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from app.adapters.embedded import problems
from app.adapters.embedded.credentials import write_private
from app.adapters.embedded.parts import Part, Server, url
from app.adapters.embedded.processes import Kept, keep, on_free_port

_DATABASE = "warehouse"
_ROOT = Path(__file__).parents[3]


def start(folder: Path, passwords: Mapping[str, str], lock: int) -> Server:
    """Start the server on `folder`, with the users `dbt` (owner) and `reader`. Raises UserError DM1101 or DM1105."""
    if importlib.util.find_spec("chdb") is None:
        raise problems.missing_package(Part.CLICKHOUSE.label, "chdb")
    log, users = folder / "server.log", folder / "users.json"
    (folder / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    accounts = {"dbt": {"password": passwords["dbt"], "role": "owner"}, "reader": {"password": passwords["reader"], "role": "reader"}}
    write_private(users, json.dumps(accounts, indent=1) + "\n")

    def launch(port: int) -> Kept:
        command = [sys.executable, "-m", "app.adapters.embedded.clickhouse_server", "--port", str(port)]
        command += ["--data", str(folder / "data"), "--users", str(users)]
        command += ["--grants", str(folder / "grants.json"), "--database", _DATABASE]
        return keep(command, log=log, lock=lock, port=port, environment=_environment())

    kept = on_free_port(launch, log, b"ready on port ")
    if kept is None:
        raise problems.did_not_start(Part.CLICKHOUSE.label, log, "it ended or did not get ready")
    owner = url("clickhouse", "dbt", passwords["dbt"], kept.port, _DATABASE)
    return Server(Part.CLICKHOUSE, kept, url("clickhouse", "reader", passwords["reader"], kept.port, _DATABASE), owner)


def _environment() -> dict[str, str]:
    """The server finds our modules and chDB where this process found them, wherever it was started."""
    places = [str(_ROOT), *(place for place in sys.path if place)]
    return {
        "PYTHONPATH": ":".join(dict.fromkeys(places)),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "PYTHONNOUSERSITE": "1",
    }
