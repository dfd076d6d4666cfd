"""Compile of whole manifests: the demo's and each of the corpora, beside the standard library reading the same JSON and dbt's own classes.

`python -m benchmarks.corpora compile FILE` compiles one manifest in a fresh process, for its peak of memory; `read FILE` reads it alone.
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

import msgspec

from app.compile.artifacts import TargetArtifacts
from app.compile.dbt.manifest import read_manifest
from app.compile.project import compile_project
from benchmarks.fresh import ROOT, answer, ours
from benchmarks.measure import p50, p95, peak_mb, rounds, timed

CORPORA = ROOT.parent / "shared" / "corpora"
TIMES = 5
LARGE = 88_000_000
"""Bytes of the largest manifest that we know of in the field."""


def measure(times: int) -> dict[str, Any]:
    """`corpus_s` and `peak_mb` of the largest manifest, and `read_88mb_ms` of one with its nodes repeated until it has 88 MB, over that many fresh
    processes. Without corpora all are None."""
    files = sorted(CORPORA.glob("*.json.gz"))
    figures: dict[str, Any] = {"corpus_mb": None, "corpus_s": None, "peak_mb": None, "read_88mb_ms": None, "read_88mb_peak_mb": None}
    if files:
        data = max((gzip.decompress(file.read_bytes()) for file in files), key=len)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "manifest.json"
            file.write_bytes(data)
            ran = [answer(ours("benchmarks.corpora", "compile", str(file))) for _ in range(times)]
            file.write_bytes(_grown(data, LARGE))
            read = [answer(ours("benchmarks.corpora", "read", str(file))) for _ in range(times)]
        figures["corpus_mb"] = round(len(data) / 1e6, 1)
        figures["corpus_s"] = p50([one["seconds"] for one in ran])
        figures["peak_mb"] = max(one["peak_mb"] for one in ran)
        figures["read_88mb_ms"] = round(p50([one["seconds"] for one in read]) * 1000, 1)
        figures["read_88mb_peak_mb"] = max(one["peak_mb"] for one in read)
    return figures


def each() -> Iterator[tuple[str, dict[str, Any]]]:
    """For each manifest its name, and: megabytes, p50 and p95 in ms, json ÷ ours; for the demo also dbt's reader ÷ ours."""
    demo = ROOT / "dbt_project" / "target" / "postgres" / "manifest.json"
    if demo.is_file():
        yield "demo", _one(demo.read_bytes()) | {"dbt_reader_ratio": _dbt_ratio(demo.read_bytes())}
    for file in sorted(CORPORA.glob("*.json.gz")):
        yield file.name.removesuffix(".manifest.json.gz"), _one(gzip.decompress(file.read_bytes()))


def _grown(data: bytes, size: int) -> bytes:
    """The manifest with its nodes again and again, under new keys, until it has about `size` bytes."""
    sections = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    nodes = msgspec.json.decode(sections["nodes"], type=dict[str, msgspec.Raw])
    each = sum(len(bytes(node)) for node in nodes.values())
    times = 1 + max(0, round((size - len(data)) / each))
    sections["nodes"] = msgspec.Raw(
        msgspec.json.encode({f"{key}.{n}" if n else key: node for n in range(times) for key, node in nodes.items()})
    )
    return msgspec.json.encode(sections)


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
    read = Path(sys.argv[2]).read_bytes()
    took = timed(lambda: read_manifest(read) if sys.argv[1] == "read" else compile_project([TargetArtifacts("postgres", read)]))
    print(json.dumps({"seconds": took / 1000, "peak_mb": peak_mb()}))
