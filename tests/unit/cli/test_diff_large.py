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
from tests.support.processor_time import times_of_reading

COMMAND = (sys.executable, "-m", "app.cli.main", "diff", "--state", "prod-state", "--json", "--fail-on", "none")
MOST = 7
"""Times what Python takes to read one of the manifests as JSON, both processes of the command together; it was 5 when this was written."""


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


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("DATAMIND_", "DBT_"))} | {"PYTHONPATH": str(ROOT)}


def test_what_changed_among_a_thousand_metrics(project: Path) -> None:
    done = subprocess.run(COMMAND, cwd=project, env=environment(), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["counts"] == {"breaking": 1, "meaning": 2, "additive": 0, "cosmetic": 0}
    assert {change["subject"].partition(".")[0] for change in found["changes"]} == {"metric", "measure"}
    assert all(change["where"]["line"] for change in found["changes"] if change["action"] == "changed")


def test_a_thousand_metrics_take_little_more_than_their_two_manifests(project: Path) -> None:
    assert times_of_reading(COMMAND, project, environment(), MOST) <= MOST
