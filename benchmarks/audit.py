"""Audit records a second, each on disk when its caller goes on, into one chain; and how fast a chain is verified."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from app.adapters.audit_checkpoints import CheckpointFile
from app.adapters.embedded.stack import Part, start
from app.adapters.store.audit import StoredAudit
from app.adapters.store.audit_trail import StoredAuditTrail
from app.adapters.store.database import Database
from app.adapters.store.migrate import migrate
from app.model.audit.catalogue import EventType
from app.model.audit.chain import Key, Keys
from app.service.audit import record
from app.service.audit_verify import TrailDeps, verify
from app.wiring.clock import SystemClock
from benchmarks.measure import p50, p95, timed
from benchmarks.options import Options

PROJECT = "bench"
KEYS = Keys(Key(b"k" * 32))
CALLERS = ((1, 1), (1, 16), (4, 1), (4, 16))
"""Processes, and callers at a time in each."""
SECONDS = 5.0
LEAST = 500
"""Records a second that many callers are to have."""


def measure(options: Options) -> dict[str, Any]:
    """Records a second, and p50 and p95 in ms of a caller's wait, by how many processes and callers there are; records a second that are verified."""
    del options
    with tempfile.TemporaryDirectory() as name, start([Part.STORE], Path(name)) as stack:
        url = stack.urls[Part.STORE]
        migrate(url)
        figures: dict[str, Any] = {f"{processes}x{callers}": _written(url, name, processes, callers) for processes, callers in CALLERS}
        database = Database(url)
        deps = TrailDeps(StoredAuditTrail(database), CheckpointFile(Path(name) / "audit.log", KEYS), KEYS)
        began = time.perf_counter()
        outcome = verify(deps, PROJECT)
        seconds = time.perf_counter() - began
        database.close()
    figures["verified"] = {"records": outcome.records, "whole": outcome.whole, "per_second": round(outcome.records / seconds)}
    many = [figures[f"{processes}x{callers}"]["per_second"] for processes, callers in CALLERS if callers > 1]
    return {**figures, "failed": int(not outcome.whole or min(many) < LEAST)}


def _written(url: str, folder: str, processes: int, callers: int) -> dict[str, Any]:
    """What so many callers write in some seconds."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(processes)
    with context.Pool(processes, _keep, (ready,)) as pool:
        samples = [wait for some in pool.starmap(_write, [(url, folder, callers)] * processes, chunksize=1) for wait in some]
    return {"per_second": round(len(samples) / SECONDS), "p50_ms": p50(samples), "p95_ms": p95(samples)}


_READY: list[Barrier] = []


def _keep(ready: Barrier) -> None:
    _READY.append(ready)


def _write(url: str, folder: str, callers: int) -> list[float]:
    """In a process of its own: milliseconds that each record took."""
    database = Database(url)
    audit = StoredAudit(database, KEYS, CheckpointFile(Path(folder) / "audit.log", KEYS))

    def one() -> None:
        record(
            audit, SystemClock(), event_type=EventType.QUERY_EXECUTE, user_id="usr_0192", email="ana@example.com", project_id=PROJECT,
            component="pipeline", status="begin", correlation_id="cor_0192", ip_address="10.0.0.1", layer_version="0123456789ab",
            policy_fingerprint="0" * 64, query_id="qry_0192", door="rest", engine="postgres", models=["fct_orders"], rows=0, sql="SELECT a FROM t" * 20,
        )  # fmt: skip

    def caller(_number: int) -> list[float]:
        found, end = [], time.monotonic() + SECONDS
        while time.monotonic() < end:
            found.append(timed(one))
        return found

    one()
    _READY[0].wait()
    with ThreadPoolExecutor(callers) as pool:
        samples = [wait for some in pool.map(caller, range(callers)) for wait in some]
    audit.close()
    database.close()
    return samples
