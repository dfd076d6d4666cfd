"""What our planner and its peer are both asked to do, written once for both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks import synthetic
from tests.conformance.cases import folder as conformance_folder


class Jobs:
    """What both planners are asked to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, artifact: dict[str, Any]) -> str:
        """Write an artifact, and where it is."""
        path = self.folder / name
        path.write_bytes(synthetic.as_bytes(artifact))
        return str(path)

    def small(self) -> dict[str, Any]:
        """The manifest and query with which a process begins, so that none of its imports falls into a time."""
        path = self.file("small.json", synthetic.semantic_manifest(synthetic.EXPLOSION))
        return {
            "job": "queries",
            "manifests": {"small": {"path": path, "transformed": False}},
            "warm": {"manifest": "small", "request": synthetic.small_query()},
        }

    def conformance(self) -> dict[str, Any] | None:
        """Every conformance case; None where there are none."""
        folder = conformance_folder()
        file = folder / "cases.jsonl"
        if not file.is_file():
            return None
        cases = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        job = self.small() | {"repeat": True}
        job["manifests"] |= {
            case["model"]: {"path": str((folder / "manifests" / f"{case['model']}.json").absolute()), "transformed": True} for case in cases
        }
        job["cases"] = [{"id": case["id"], "manifest": case["model"], "request": _asked(case)} for case in cases]
        return job

    def explosion(self) -> dict[str, Any]:
        """One query of 70 metrics by 100 dimensions."""
        job = self.small()
        job["manifests"]["explosion"] = job["manifests"]["small"]
        return job | {"cases": [{"id": "explosion", "manifest": "explosion", "request": synthetic.query(synthetic.EXPLOSION)}]}

    def ready(self) -> dict[str, Any]:
        """1,000 metrics, from the manifest that was read to the SQL of a first query."""
        return self.small() | {
            "job": "ready",
            "manifest": self.file("manifest.json", synthetic.manifest(synthetic.THOUSAND)),
            "semantic_manifest": {
                "path": self.file("semantic_manifest.json", synthetic.semantic_manifest(synthetic.THOUSAND)),
                "transformed": False,
            },
            "request": synthetic.small_query(),
        }


def _asked(case: dict[str, Any]) -> dict[str, Any]:
    """The request of a case, without what the answer must be."""
    kept = ("metrics", "group_by", "where", "time_constraint", "order_by", "limit", "saved_query", "min_max_only", "apply_group_by")
    return {name: case[name] for name in kept if name in case}
