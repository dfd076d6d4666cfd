"""`datamind diff` of a large project: what it finds between two states of a thousand metrics, and how long that takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.console import ROOT
from tests.support.graft import corpus, graft

SECONDS = 1.0
BUSY = 1.6
TRIES = 6
MEASURED = """
import resource, sys
from app.cli.main import main
sys.argv = ["datamind", "diff", "--state", "prod-state", "--json"]
try:
    main()
except SystemExit:
    pass
used = resource.getrusage(resource.RUSAGE_SELF)
sys.stderr.write(str(used.ru_utime + used.ru_stime))
"""


@pytest.fixture(scope="module")
def project(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand metrics on the largest corpus; since the last state one is gone, one has another filter, a measure another aggregation."""
    folder = tmp_path_factory.mktemp("large")
    grafted = graft(corpus(shared), 1000)
    (folder / "prod-state").mkdir()
    (folder / "prod-state" / "manifest.json").write_bytes(grafted.manifest())
    first, *_, last = grafted.metrics
    grafted.metrics.pop(last)
    grafted.metrics[first]["filter"] = grafted.metrics[first]["filter"].replace("<>", "=")
    next(iter(grafted.semantic_models.values()))["measures"][1]["agg"] = "max"
    return grafted.write(folder)


def run(project: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DATAMIND_", "DBT_"))} | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", MEASURED], cwd=project, env=env, capture_output=True, text=True, check=True)


def test_what_changed_among_a_thousand_metrics(project: Path) -> None:
    found = json.loads(run(project).stdout)
    assert found["counts"] == {"breaking": 1, "meaning": 2, "additive": 0, "cosmetic": 0}
    assert {change["subject"].partition(".")[0] for change in found["changes"]} == {"metric", "measure"}
    assert all(change["where"]["line"] for change in found["changes"] if change["action"] == "changed")


def test_a_thousand_metrics_take_a_second(project: Path) -> None:
    """Processor time of the first process, which is what the command takes where a second processor is free: the other one, which compiles the state
    meanwhile, has no more to do. The best of a few tries; where more runs than there are processors, their time is worth less, and more is allowed."""
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    allowed = SECONDS * (BUSY if busy else 1)
    taken: list[float] = []
    for _ in range(TRIES):
        taken.append(float(run(project).stderr))
        if taken[-1] <= allowed:
            break
    assert min(taken) <= allowed, (taken, busy)
