"""`python -m app.adapters.embedded.clickhouse_server --port N --data DIR --users FILE`: serve until SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from app.adapters.embedded.clickhouse_server.engine import Engine
from app.adapters.embedded.clickhouse_server.grants import Grants
from app.adapters.embedded.clickhouse_server.http import Server
from app.adapters.embedded.clickhouse_server.users import Users


def main() -> int:
    """Serve, and print one line when ready."""
    arguments = argparse.ArgumentParser(description="ClickHouse's HTTP interface over chDB, on loopback")
    arguments.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments.add_argument("--data", type=Path, required=True, help="the engine's data directory, which no other process may use")
    arguments.add_argument("--users", type=Path, required=True, help='JSON: {"name": {"password": "…", "role": "owner" or "reader"}}')
    arguments.add_argument("--grants", type=Path, help="JSON in which the databases that readers were taken are kept")
    arguments.add_argument("--database", default="warehouse", help="the database of queries that name none; made when missing")
    given = arguments.parse_args()
    server = Server(given.port, Users.load(given.users), lambda: Engine(str(given.data), given.database, Grants(given.grants)))
    signal.signal(signal.SIGTERM, lambda _number, _frame: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"ready on port {server.server_address[1]}, version {server.engine.version}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.05)
    return 0


if __name__ == "__main__":
    sys.exit(main())
