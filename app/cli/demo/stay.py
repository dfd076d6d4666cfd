"""`--serve`: the gateway, the worker with beat, and the Streamlit page, as children that end with this process."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from app.adapters.embedded.processes import HOST, Kept, keep, stop_all
from app.cli.console import out
from app.cli.demo.prepare import PEOPLE
from app.cli.show import progress
from app.errors import Problem, UserError
from app.settings import Settings
from app.wiring.servers import Servers

UI_PAGE = Path(__file__).parents[2] / "ui" / "home.py"
READY_SECONDS = 60.0


def stay(settings: Settings, servers: Servers, passwords: Mapping[str, str]) -> None:
    """Start the three, say where they are, and wait for Ctrl-C or SIGTERM. Raises UserError DM1053 where one does not come up, DM1054 where a port is taken."""
    require_free_ports(settings)
    logs = settings.data_dir.absolute() / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        **servers.environment(),
        "DATAMIND_DATA_DIR": str(settings.data_dir.absolute()),
        "DATAMIND_DBT_PROJECT_PATH": str(settings.dbt_project_path.absolute()),
        "DATAMIND_GATEWAY_URL": f"http://{HOST}:{settings.port}",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    lock = os.open(settings.data_dir.absolute(), os.O_RDONLY)
    children: list[Kept] = []
    try:
        for name, argv, url in _commands(settings):
            progress(f"starting the {name}")
            kept = keep(
                [sys.executable, "-m", *argv], log=logs / f"{name}.log", lock=lock, environment=environment | _of_dbt(name, servers)
            )
            children.append(kept)
            if url and not _comes_up(kept, url):
                raise UserError(Problem("DM1053", f"the {name} did not come up", hint=f"its log is {logs / name}.log"))
        _say(settings, passwords)
        while not stop.wait(1.0):
            for kept, (name, _argv, _url) in zip(children, _commands(settings), strict=True):
                if kept.ended():
                    raise UserError(Problem("DM1053", f"the {name} ended", hint=f"its log is {logs / name}.log"))
        progress("stopping")
    finally:
        stop_all(children)
        os.close(lock)


def require_free_ports(settings: Settings) -> None:
    """Raises UserError DM1054 where something listens on the gateway's or the page's port already."""
    for name, port in (("DATAMIND_PORT", settings.port), ("DATAMIND_UI_PORT", settings.ui_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise UserError(
                    Problem(
                        "DM1054",
                        f"port {port} on {HOST} can't be taken: {error.strerror}",
                        hint=f"set {name} to a free port, or stop what listens there",
                    )
                ) from error


def _of_dbt(name: str, servers: Servers) -> dict[str, str]:
    """What profiles.yml reads: the worker runs dbt as the warehouses' owner; the gateway only parses, for which names are enough, and holds no password."""
    found = servers.dbt_environment()
    if name == "worker":
        return found
    return {key: value for key, value in found.items() if not key.endswith("_PASSWORD")} if name == "gateway" else {}


def _commands(settings: Settings) -> tuple[tuple[str, list[str], str], ...]:
    """Name, module with arguments, and the URL that answers once it is up ("" for none)."""
    page = ["streamlit", "run", str(UI_PAGE), "--server.address", HOST, "--server.port", str(settings.ui_port)]
    page += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    return (
        ("gateway", ["app.cli.main", "serve"], f"http://{HOST}:{settings.port}/api/v1/ready"),
        ("worker", ["celery", "-A", "celery_worker.app", "worker", "--beat", "--loglevel", "INFO", "--concurrency", "2"], ""),
        ("streamlit", page, f"http://{HOST}:{settings.ui_port}/_stcore/health"),
    )


def _comes_up(kept: Kept, url: str) -> bool:
    """Wait until the URL answers; False where the process ended or the time is over."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not kept.ended():
        if _answers(url):
            return True
        time.sleep(0.1)
    return False


def _answers(url: str) -> bool:
    """Whether the URL answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _say(settings: Settings, passwords: Mapping[str, str]) -> None:
    """Where everything is, and how to try it."""
    base = f"http://{HOST}:{settings.port}"
    console = out()
    console.rule("it stays up; Ctrl-C stops it", align="left")
    console.print(f"gateway    {base}/api/v1   OpenAPI page {base}/docs")
    console.print(f"Streamlit  http://{HOST}:{settings.ui_port}")
    for (email, role, attributes), password in zip(PEOPLE, passwords.values(), strict=True):
        may = {"admin": "sees everything", "analyst": "asks", "viewer": "reads definitions, may not ask"}[role]
        of = "".join(f", {name} {value} only" for name, value in attributes)
        console.print(f"user       {email}   password {password}   ({may}{of})", markup=False)
    email, password = next(iter(passwords.items()))
    console.print(
        f"TOKEN=$(curl -s {base}/api/v1/auth/login -H 'Content-Type: application/json' "
        f'-d \'{{"email": "{email}", "password": "{password}"}}\' | python3 -c \'import json,sys; print(json.load(sys.stdin)["access_token"])\')\n'
        f"curl -s {base}/api/v1/ask -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' "
        '-d \'{"question": "revenue last quarter"}\'',
        markup=False,
        soft_wrap=True,
    )
    sys.stdout.flush()
