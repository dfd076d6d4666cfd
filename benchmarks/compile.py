"""Compile of the demo and of each corpus manifest. The peers: reading the same bytes with the standard library's JSON alone, and dbt's own classes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from app.compile.artifacts import TargetArtifacts
from app.compile.project import compile_project
from benchmarks.measure import p50, p95, peak_mb, rounds, timed

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
TIMES = 9


def measure(_scale: float) -> dict[str, Any]:
    """For each manifest: megabytes, p50 and p95 in ms, and json ÷ ours; for the demo also dbt's reader ÷ ours; the process's peak memory."""
    figures: dict[str, Any] = {}
    demo = ROOT / "dbt_project" / "target" / "postgres" / "manifest.json"
    if demo.is_file():
        figures["demo"] = _one(demo.read_bytes(), "postgres", TIMES) | {"dbt_reader_ratio": _dbt_ratio(demo.read_bytes())}
    else:
        print("no artifacts of the demo: run scripts/demo first")
    for path in sorted(CORPORA.glob("*.json.gz")):
        data = gzip.decompress(path.read_bytes())
        figures[path.name.removesuffix(".manifest.json.gz")] = _one(data, "postgres", 5)
    figures["peak_mb"] = peak_mb()
    return figures


def _one(data: bytes, engine: str, times: int) -> dict[str, Any]:
    """One manifest's figures."""
    target = TargetArtifacts(engine, data, None, None, None)
    ours, plain = rounds([lambda: compile_project([target]), lambda: json.loads(data)], times=times)
    return {"mb": round(len(data) / 1e6, 1), "p50_ms": p50(ours), "p95_ms": p95(ours), "json_ratio": round(p50(plain) / p50(ours), 2)}


def _dbt_ratio(data: bytes) -> float | str:
    """How much longer dbt's own classes take to read the manifest than we take to compile it."""
    from dbt.contracts.graph.manifest import WritableManifest

    target = TargetArtifacts("postgres", data, None, None, None)
    theirs = [timed(lambda: WritableManifest.upgrade_schema_version(json.loads(data))) for _ in range(3)]
    ours = [timed(lambda: compile_project([target])) for _ in range(3)]
    return round(p50(theirs) / p50(ours), 1)
