"""kill -9 at every step of a training: what is retrieved is of the layer that is served, and the next sync makes good what is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.service import training
from app.service.sync import sync
from tests.engines.training.killed import STEPS
from tests.engines.training.place import FORCED, Place, placed, texts
from tests.support.demo import ROOT, Demo

ALL = 10_000


def killed_at(step: str, place: Place) -> int:
    """A sync in a process of its own, killed at the step: how it ended."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DATAMIND_")},
        "DATAMIND_STORE_URL": place.demo.servers.store,
        "DATAMIND_PROJECT_ID": place.deps.project_id,
        "DATAMIND_DBT_PROJECT_PATH": str(place.folder),
        "DATAMIND_DATA_DIR": str(place.settings.data_dir),
    }
    command = [sys.executable, "-m", "tests.engines.training.killed", step]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False, capture_output=True, timeout=120).returncode


@pytest.mark.parametrize("step", STEPS)
def test_a_training_that_is_killed(demo: Demo, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "LAYERS", 1)
    with placed(demo, tmp_path) as place:
        sync(place.deps, FORCED)
        before = place.view()
        old = {item.id for item in place.found("discounts", before, ALL).documentation}
        place.rename("discounts", "rebates")
        assert killed_at(step, place) == -signal.SIGKILL
        served = place.view()
        assert served.layer.version != before.layer.version  # published before it is trained
        half_way = {item.id for item in place.found("discounts", served, ALL).documentation}
        right = {item.id for item in place.found("discounts", before, ALL).documentation}
        assert "metric.discounts" not in texts(place.found("discounts", served, ALL))
        assert right <= old  # the view in flight loses at most what was forgotten already, and gains nothing
        report = sync(place.deps, FORCED)
        assert not report.published
        assert report.problems == ()
        found = place.found("discounts", place.view(), ALL)
        assert "metric.discounts " not in texts(found)
        assert "metric.rebates" in texts(found)
        assert {item.id for item in found.documentation} >= half_way
        assert place.deps.retriever.ids() == place.deps.training.ids(place.deps.project_id)
