"""What the last run said of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.compile.dbt.manifest import Manifest
from app.compile.dbt.run_results import RunResults
from app.compile.naming import Named
from app.model.ontology import TestStatus

_WORST_FIRST = ("error", "fail", "warn", "skipped", "pass")
_STATUS = {"runtime error": "error", "success": "pass", "skip": "skipped"}


def read_statuses(runs: Iterable[tuple[Manifest, RunResults]], named: Mapping[str, Named]) -> tuple[TestStatus, ...]:
    """The status of each test, sorted by unique id; where several targets ran it, the worst."""
    worst: dict[str, TestStatus] = {}
    for manifest, results in runs:
        for result in results.results:
            node = manifest.nodes.get(result.unique_id)
            if node is None or node.resource_type != "test":
                continue
            said = _STATUS.get(result.status.lower(), result.status.lower())
            status = said if said in _WORST_FIRST else "error"
            models = tuple(sorted({named[n].name for n in (*node.depends_on.nodes, node.attached_node or "") if n in named}))
            before = worst.get(result.unique_id)
            if before is None or _WORST_FIRST.index(status) < _WORST_FIRST.index(before.status):
                worst[result.unique_id] = TestStatus(result.unique_id, status, models)
    return tuple(worst[unique_id] for unique_id in sorted(worst))
