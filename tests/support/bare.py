"""A dbt project without its semantic layer: the same models, tests and constraints, and nothing to ask by."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

DEFINED = ("semantic_models", "metrics", "saved_queries")


def stripped(project: Path, folder: Path) -> Path:
    """A copy of a built project in `folder`, without semantic models, metrics and what speaks of them, in its YAML and in its artifacts."""
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("logs", "compiled", "run", "*.msgpack"))
    for name in ("semantic", "metrics"):
        shutil.rmtree(folder / "models" / name)
    for name in ("saved_queries.yml", "exposures.yml"):
        (folder / "models" / name).unlink()
    for manifest in folder.glob("target/*/manifest.json"):
        content = json.loads(manifest.read_text(encoding="utf-8"))
        manifest.write_text(json.dumps(content | {key: {} for key in DEFINED}), encoding="utf-8")
        (manifest.parent / "semantic_manifest.json").unlink()
    return folder
