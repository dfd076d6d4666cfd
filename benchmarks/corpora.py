"""Compile of whole manifests: the demo's and each of the corpora, beside the standard library reading the same JSON and dbt's own classes.

`python -m benchmarks.corpora FILE` compiles one manifest in a fresh process, for its peak of memory.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from app.compile.artifacts import TargetArtifacts
from app.compile.project import compile_project
from benchmarks.fresh import ROOT, answer, ours
from benchmarks.measure import p50, p95, peak_mb, rounds, timed

CORPORA = ROOT.parent / "shared" / "corpora"
TIMES = 5


def measure(times: int) -> dict[str, Any]:
    """`corpus_s` and `peak_mb` of the largest manifest, medians over that many fresh processes; then each manifest beside the standard library.
    Without corpora both are None."""
    files = sorted(CORPORA.glob("*.json.gz"))
    figures: dict[str, Any] = {"corpus_mb": None, "corpus_s": None, "peak_mb": None}
    if files:
        data = max((gzip.decompress(file.read_bytes()) for file in files), key=len)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "manifest.json"
            file.write_bytes(data)
            ran = [answer(ours("benchmarks.corpora", str(file))) for _ in range(times)]
        figures["corpus_mb"] = round(len(data) / 1e6, 1)
        figures["corpus_s"] = p50([one["seconds"] for one in ran])
        figures["peak_mb"] = max(one["peak_mb"] for one in ran)
    return figures


def each() -> Iterator[tuple[str, dict[str, Any]]]:
    """For each manifest its name, and: megabytes, p50 and p95 in ms, json ÷ ours; for the demo also dbt's reader ÷ ours."""
    demo = ROOT / "dbt_project" / "target" / "postgres" / "manifest.json"
    if demo.is_file():
        yield "demo", _one(demo.read_bytes()) | {"dbt_reader_ratio": _dbt_ratio(demo.read_bytes())}
    for file in sorted(CORPORA.glob("*.json.gz")):
        yield file.name.removesuffix(".manifest.json.gz"), _one(gzip.decompress(file.read_bytes()))


def _one(data: bytes) -> dict[str, Any]:
    """One manifest's figures."""
    target = TargetArtifacts("postgres", data)
    compiled, plain = rounds([lambda: compile_project([target]), lambda: json.loads(data)], times=TIMES)
    return {
        "mb": round(len(data) / 1e6, 1),
        "p50_ms": p50(compiled),
        "p95_ms": p95(compiled),
        "json_ratio": round(p50(plain) / p50(compiled), 2),
    }


def _dbt_ratio(data: bytes) -> float:
    """How much longer dbt's own classes take to read the manifest than we take to compile it."""
    reader: Any = import_module("dbt.contracts.graph.manifest").WritableManifest
    target = TargetArtifacts("postgres", data)
    theirs = [timed(lambda: reader.upgrade_schema_version(json.loads(data))) for _ in range(3)]
    compiled = [timed(lambda: compile_project([target])) for _ in range(3)]
    return round(p50(theirs) / p50(compiled), 1)


if __name__ == "__main__":
    read = Path(sys.argv[1]).read_bytes()
    took = timed(lambda: compile_project([TargetArtifacts("postgres", read)]))
    print(json.dumps({"seconds": took / 1000, "peak_mb": peak_mb()}))
