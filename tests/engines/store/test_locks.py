"""Locks across processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from app.adapters.store.database import Database
from app.adapters.store.locks import StoredLocks
from app.model.ids import new_id

HOLD = """
import sys, time
from app.adapters.store.database import Database
from app.adapters.store.locks import StoredLocks
with StoredLocks(Database(sys.argv[1])).hold("sync", sys.argv[2]) as ours:
    print(ours, flush=True)
    time.sleep(60)
"""


def test_one_holds_it_and_the_next_gets_it_after(database: Database) -> None:
    locks, name = StoredLocks(database), new_id("prj")
    with locks.hold("sync", name) as ours, locks.hold("sync", name) as second, locks.hold("sync", new_id("prj")) as other:
        assert (ours, second, other) == (True, False, True)
    with locks.hold("sync", name) as again:
        assert again


def test_waiting_ends_when_the_holder_is_done(database: Database) -> None:
    locks, name, got = StoredLocks(database), new_id("prj"), []

    def wait() -> None:
        with locks.hold("sync", name, seconds=30) as ours:
            got.append(ours)

    with locks.hold("sync", name):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.3)
        assert got == []
    thread.join(30)
    assert got == [True]


def test_a_machine_that_vanishes_frees_its_locks_within_a_minute(database: Database) -> None:
    """What the server does then is the kernel's, so what it was told is looked at."""
    with database.session() as connection:
        idle, interval, count = (
            int(connection.exec_driver_sql(f"SHOW tcp_keepalives_{name}").scalar_one()) for name in ("idle", "interval", "count")
        )
    assert min(idle, interval, count) > 0
    assert idle + interval * count <= 60


def test_the_lock_of_one_who_is_killed_is_free(database: Database, store_url: str) -> None:
    name = new_id("prj")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, store_url, name], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[3]
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "True"
    locks = StoredLocks(database)
    with locks.hold("sync", name) as ours:
        assert not ours
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with locks.hold("sync", name, seconds=10) as ours:
        assert ours
