"""Real projects: what validate takes on a large one, and that it tells of the others what is true."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support.graft import corpus, graft
from tests.support.processor_time import times_of_reading
from tests.unit.cli.validate.conftest import ROOT, Run

TOLD = {"aspects_clickhouse": 0, "ol_dbt": 89, "pretiumdata": 11, "tuva": 16}
"""References that give no join, counted by model and reason; each was held against the manifest's tests and columns. In ol_dbt every `unique` test lets ten
rows fail (`error_if: ">10"`), so nothing there is proved to be unique."""
MOST = 4
"""Times what Python takes to read the manifest as JSON; it was 3 when this was written, where that is a third of a second."""


@pytest.mark.parametrize("name", TOLD)
def test_a_corpus_has_no_problems_but_true_ones(shared: Path, tmp_path: Path, run: Run, name: str) -> None:
    (tmp_path / "target").mkdir()
    manifest = gzip.decompress((shared / "corpora" / f"{name}.manifest.json.gz").read_bytes())
    (tmp_path / "target" / "manifest.json").write_bytes(manifest)
    done = run("--project-dir", str(tmp_path), "--json")
    problems = json.loads(done.stdout)["problems"]
    assert done.returncode == 0
    assert {one["severity"] for one in problems} == {"note"}
    assert Counter(one["code"] for one in problems) == Counter({"DM2341": 1, "DM2342": TOLD[name]})


def test_a_thousand_metrics_take_little_more_than_their_manifest(shared: Path, tmp_path: Path) -> None:
    graft(corpus(shared), 1000).write(tmp_path)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DATAMIND_", "DBT_"))} | {"PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "app.cli.main", "validate", "--json")
    assert times_of_reading(command, tmp_path, env, MOST) <= MOST


@pytest.mark.parametrize("metrics", [1000])
def test_the_graft_has_every_type_of_metric_and_no_error(shared: Path, metrics: int) -> None:
    grafted = graft(corpus(shared), metrics)
    assert len(grafted.metrics) == metrics
    assert {spec["type"] for spec in grafted.metrics.values()} == {"simple", "ratio", "derived", "cumulative", "conversion"}
