"""The semantic compiler and planner, ours beside MetricFlow's: dbt artifacts → layer, and metric query → SQL text for PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from app.settings import load_settings
from benchmarks import corpora
from benchmarks.fresh import ROOT, answer, ours
from benchmarks.jobs import Jobs
from benchmarks.measure import p50, p95, timed
from benchmarks.options import Options
from benchmarks.peers.peer import Peer
from benchmarks.planner import CACHED

STARTS = 9
OURS = ours("benchmarks.planner")
Times = dict[str, float]


def measure(options: Options) -> dict[str, Any]:
    """The figures that README.md names; those of the peer are None where it can't be installed."""
    peer = Peer("metricflow", load_settings().data_dir.absolute() / "benchmarks")
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        jobs = Jobs(Path(folder))
        figures |= _queries(jobs, peer, options.rounds)
        figures |= _explosion(jobs, peer, options)
        figures |= _ready(jobs, peer, options.rounds)
    figures = {"peer": "MetricFlow 0.213", "peer_missing": peer.missing, **figures, **corpora.measure(options.rounds)}
    start = (sys.executable, "-c", "import app.cli.main")
    figures["import_cli_ms"] = p50([timed(lambda: subprocess.run(start, check=True, cwd=ROOT)) for _ in range(STARTS)])
    figures["manifests"] = dict(corpora.each())
    return figures


def _in_turn(job: dict[str, Any], peer: Peer, times: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What our planner and the peer measure of a job, in fresh processes, in turn; nothing of the peer where it does not run."""
    own, theirs = [], []
    for _ in range(times):
        own.append(answer(OURS, job))
        if (found := peer.answer(job)) is not None:
            theirs.append(found)
    return own, theirs


def _queries(jobs: Jobs, peer: Peer, times: int) -> dict[str, Any]:
    """First and repeated times over the conformance cases; ratios over those that both answer."""
    job = jobs.conformance()
    own, theirs = _in_turn(job, peer, times) if job else ([], [])
    first, repeat, their_first, their_repeat = _each(own, "first"), _each(own, "repeat"), _each(theirs, "first"), _each(theirs, "repeat")
    both = [name for name in first if name in their_first]
    refused = Counter(own[0]["refused"].values()) if own else Counter()
    return {
        "cases": len(job["cases"]) if job else 0,
        "answered": len(first),
        "refused": sum(refused.values()),
        "refused_codes": dict(sorted(refused.items())),
        "failed": own[0]["failed"] if own else {},
        **_both("compile", first, their_first, both),
        "plan_p50_ms": _p50(_each(own, "plan")),
        "plan_p95_ms": _p95(_each(own, "plan")),
        **_both("repeat", repeat, their_repeat, both),
        "repeat_cached": CACHED,
        "peer_answered": len(their_first) if theirs else None,
    }


def _explosion(jobs: Jobs, peer: Peer, options: Options) -> dict[str, Any]:
    """Seconds of the query of all metrics by all dimensions; the peer's only where it was asked for, once, because it takes long."""
    job = jobs.explosion()
    own = [answer(OURS, job) for _ in range(options.rounds)]
    found = peer.answer(job) if options.slow_peer else None
    theirs = found["first"].get("explosion") if found else None
    seconds = _each(own, "first").get("explosion")
    failed = own[0]["failed"] | own[0]["refused"]
    if seconds is None:
        return {"explosion_s": None, "explosion_failed": failed}
    return {
        "explosion_s": round(seconds / 1000, 3),
        "explosion_peer_s": round(theirs / 1000, 1) if theirs else None,
        "explosion_ratio": round(theirs / seconds, 1) if theirs else None,
    }


def _ready(jobs: Jobs, peer: Peer, times: int) -> dict[str, Any]:
    """Milliseconds until 1,000 metrics are ready, after the manifest was read."""
    own, theirs = _in_turn(jobs.ready(), peer, times)
    ready, read = p50([one["ready_ms"] for one in own]), p50([one["read_ms"] for one in own])
    peers_ready = p50([one["ready_ms"] for one in theirs]) if theirs else None
    return {
        "load_1000_ms": ready,
        "load_1000_read_ms": read,
        "load_1000_peer_ms": peers_ready,
        "load_1000_ratio": round(peers_ready / ready, 1) if peers_ready else None,
    }


def _both(what: str, own: Times, theirs: Times, both: Sequence[str]) -> dict[str, Any]:
    """p50 and p95 of ours over all that we answer, the peer's and the ratios over what both answer."""
    found: dict[str, Any] = {f"{what}_p50_ms": _p50(own), f"{what}_p95_ms": _p95(own)}
    for name, of in (("p50", _p50), ("p95", _p95)):
        mine, other = of({k: own[k] for k in both}), of({k: theirs[k] for k in both})
        found[f"{what}_{name}_peer_ms"] = other
        found[f"{what}_{name}_ratio"] = round(other / mine, 2) if mine and other else None
    return found


def _each(ran: Sequence[dict[str, Any]], what: str) -> Times:
    """The median of each case over the processes."""
    return {name: median(one[what][name] for one in ran) for name in (ran[0][what] if ran else ())}


def _p50(times: Times) -> float | None:
    """The median, None of nothing."""
    return p50(list(times.values())) if times else None


def _p95(times: Times) -> float | None:
    """The 95th percentile, None of nothing."""
    return p95(list(times.values())) if times else None
