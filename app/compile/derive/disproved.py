"""Columns that a test says are unique, and that were not when it last ran, failed it or only warned: nothing may be joined to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.compile.dbt.decode import loose
from app.compile.dbt.manifest import Manifest
from app.compile.dbt.run_results import RunResults
from app.compile.derive.entities import Target
from app.compile.guarantees import tested_node
from app.compile.naming import Named

_TESTS = ("unique", "unique_combination_of_columns")
_FOUND_TWICE = ("fail", "warn")


def read_disproved(runs: Iterable[tuple[Manifest, RunResults]], named: Mapping[str, Named]) -> frozenset[Target]:
    """(model, column) pairs of failed or warned `unique` tests of any target; of a combination, each of its columns."""
    found: set[Target] = set()
    for manifest, results in runs:
        for result in results.results:
            node = manifest.nodes.get(result.unique_id)
            if (
                node is None
                or node.test_metadata is None
                or result.status.lower() not in _FOUND_TWICE
                or node.test_metadata.name not in _TESTS
            ):
                continue
            tested = tested_node(node, named)
            kwargs = loose(node.test_metadata.kwargs, "manifest.json")
            if tested is None or not isinstance(kwargs, dict):
                continue
            arguments = kwargs | nested if isinstance(nested := kwargs.get("arguments"), dict) else kwargs
            combined = arguments.get("combination_of_columns")
            names = combined if isinstance(combined, list) else [node.column_name or arguments.get("column_name")]
            spelled = {column.name.lower(): column.name for column in named[tested].node.columns.values()}
            found |= {(named[tested].name, spelled.get(n.lower(), n)) for n in names if isinstance(n, str)}
    return frozenset(found)
