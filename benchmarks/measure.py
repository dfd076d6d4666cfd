"""How times are taken: repeated, interleaved with the peer, told as medians and 95th percentiles."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of one run."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def rounds(works: Sequence[Callable[[], object]], *, times: int, warm: int = 1) -> list[list[float]]:
    """Milliseconds of `times` runs of each work, taken in turn so that a slow moment of the machine meets all of them."""
    for work in works:
        for _ in range(warm):
            work()
    gc.collect()
    samples: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, sample in zip(works, samples, strict=True):
            sample.append(timed(work))
    return samples


def p50(sample: Sequence[float]) -> float:
    """The median."""
    return round(statistics.median(sample), 3)


def p95(sample: Sequence[float]) -> float:
    """The 95th percentile (nearest rank)."""
    ordered = sorted(sample)
    return round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 3)


def peak_mb() -> float:
    """The process's largest resident size so far, in MiB. Linux's own account of it, because `ru_maxrss` counts what the parent had when it
    started this process."""
    status = Path("/proc/self/status")
    if status.is_file():
        kib = next((line.split()[1] for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:")), None)
        if kib is not None:
            return round(int(kib) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
