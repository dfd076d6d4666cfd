"""Commands over a large project: the biggest of the real manifests (21 MB) with 1,000 metrics grafted onto its models, whole processes from start to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.fresh import ROOT
from benchmarks.measure import timed
from benchmarks.options import Options
from tests.support.graft import corpus, graft

METRICS = 1_000
SHARED = ROOT.parent / "shared"


def measure(options: Options) -> dict[str, Any]:
    """Median seconds of each command over `rounds` processes, in turn, beside those in which Python's json reads the manifest; None without corpora."""
    if not (SHARED / "corpora").is_dir():
        return dict.fromkeys(("validate_s", "diff_s", "lineage_s", "json_s"))
    manifest = corpus(SHARED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grafted = graft(manifest, METRICS)
        (folder / "state").mkdir()
        (folder / "state" / "manifest.json").write_bytes(grafted.manifest())
        first, *_ = grafted.metrics
        grafted.metrics[first]["filter"] = grafted.metrics[first]["filter"].replace("<>", "=")
        grafted.write(folder)
        commands = {
            "validate_s": ("validate", "--json"),
            "diff_s": ("diff", "--state", "state", "--json", "--fail-on", "none"),
            "lineage_s": ("lineage", first, "--json"),
        }
        times: dict[str, list[float]] = {what: [] for what in (*commands, "json_s")}
        for _ in range(options.rounds):
            for what, words in commands.items():
                times[what].append(timed(partial(_run, folder, words)) / 1000)
            times["json_s"].append(timed(partial(json.loads, grafted.manifest())) / 1000)
    return {what: round(median(found), 2) for what, found in times.items()} | {"metrics": METRICS}


def _run(folder: Path, words: tuple[str, ...]) -> None:
    """One process of ours in the project's folder."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DATAMIND_", "DBT_"))} | {"PYTHONPATH": str(ROOT)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation has its modules compiled
    subprocess.run((sys.executable, "-m", "app.cli.main", *words), cwd=folder, env=env, check=True, capture_output=True)
