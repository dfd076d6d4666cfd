"""A whole sync of a large project, 3,000 models and 2,000 metrics, into a store: the first one, one without a change, and one with a changed metric."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.service.publishing import Doer
from app.service.sync import Step, SyncReport, sync
from app.settings import load_settings
from app.wiring.deps import opened
from app.wiring.servers import Servers, servers
from benchmarks import large_project
from benchmarks.fresh import answer, ours
from benchmarks.measure import peak_mb
from benchmarks.options import Options

MODELS, METRICS = 3_000, 2_000
CHANGED = 8
"""Which metric is changed: a simple one with a filter."""


def measure(options: Options) -> dict[str, Any]:
    """The figures that README.md names; each sync in a process of its own, as a worker that was just started would do it."""
    del options
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = large_project.write(folder / "project", MODELS, METRICS)
        settings = load_settings(data_dir=folder / "data", engines=("postgres",))
        with servers(settings, [Part.STORE], progress=lambda _line: None) as found:
            migrate(found.store)
            job = {"store": found.store, "project": str(project), "data": str(folder / "data")}
            first = answer(ours("benchmarks.sync"), job)
            again = answer(ours("benchmarks.sync"), job)
            large_project.write(project, MODELS, METRICS, changed=CHANGED)
            one = answer(ours("benchmarks.sync"), job)
    right = (first["published"], again["published"], one["published"]) == (True, False, True) and one["training"]["added"] <= CHANGED
    return {
        "models": MODELS,
        "metrics": METRICS,
        "first_s": first["seconds"],
        "first_steps_s": first["steps"],
        "unchanged_s": again["seconds"],
        "one_changed_s": one["seconds"],
        "one_changed_steps_s": one["steps"],
        "one_changed_trained": one["training"]["added"],
        "one_changed_ratio": round(first["seconds"] / one["seconds"], 1),
        "peak_mb": max(first["peak_mb"], again["peak_mb"], one["peak_mb"]),
        "failed": {} if right else {"reports": [json.dumps(one) for one in (first, again, one)]},
    }


def main() -> None:
    """In a process of its own: one sync, and what it took."""
    job = json.load(sys.stdin)
    os.environ.update(DATAMIND_POSTGRES_URL="postgresql://nobody@127.0.0.1:1/none")
    settings = load_settings(data_dir=Path(job["data"]), dbt_project_path=Path(job["project"]), engines=("postgres",), dbt_parse=False)
    steps: dict[str, float] = {}
    with opened(settings, Servers(store=job["store"])) as deps:
        began = time.perf_counter()
        begun: list[tuple[Step, float]] = []
        report = sync(deps, Doer("benchmark"), tell=lambda step: begun.append((step, time.perf_counter())))
        ended = time.perf_counter()
    for (step, start), (_, end) in zip(begun, [*begun[1:], (Step.TRAIN, ended)], strict=True):
        steps[step] = round(end - start, 2)
    print(json.dumps(_told(report) | {"seconds": round(ended - began, 2), "steps": steps, "peak_mb": peak_mb()}))


def _told(report: SyncReport) -> dict[str, Any]:
    return {"published": report.published, "training": {"added": report.training.added, "kept": report.training.kept}}


if __name__ == "__main__":
    main()
