"""What is proof: which tests pass only where no row fails them, which of them did not, and which constraints a database holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from app.compile.dbt.manifest import Manifest, Node
from app.compile.dbt.run_results import RunResults

_NONE_ALLOWED = frozenset({"", "!=0", "<>0", ">0", ">=1"})
"""`error_if` of a test that no failing row passes: dbt's default, and other spellings of it."""
_COUNTED = frozenset({"", "count(*)", "count(1)", "sum(n_records)", "coalesce(sum(n_records),0)"})
"""`fail_calc` that is above zero where a row fails: dbt's default, and the doubled rows of its `unique` test."""
_HELD = frozenset({"table", "incremental"})
"""Materializations that dbt creates with their constraints; a view has none."""
_HOLDS = frozenset({"postgres"})
"""Adapters that both write keys and whose databases hold them. ClickHouse's primary key only sorts, and it has no others."""
_DOUBTED = frozenset({"fail", "warn", "error", "runtime error"})


def proves(test: Node) -> bool:
    """Whether a generic test can pass only where no row at all fails it: an enabled one of severity error, over all rows, without a threshold.

    `warn_if` does not matter, as dbt looks at `error_if` first where the severity is error.
    """
    config = test.config
    return (
        config.enabled is not False
        and (config.severity or "error").lower() == "error"
        and not config.where
        and config.limit is None
        and _plain(config.error_if) in _NONE_ALLOWED
        and _plain(config.fail_calc) in _COUNTED
    )


def doubted(runs: Iterable[tuple[Manifest, RunResults]]) -> frozenset[str]:
    """Unique ids of tests that failed, warned or broke when any target last ran them."""
    return frozenset(result.unique_id for _, results in runs for result in results.results if result.status.lower() in _DOUBTED)


def holds_constraints(node: Node, adapters: Collection[str]) -> bool:
    """Whether the constraints of a model are more than words: its contract is enforced, and it is a table of databases that hold keys.

    `adapters` are those of all targets: the layer's facts are true of each.
    """
    contract = node.config.contract
    return contract is not None and contract.enforced and node.config.materialized in _HELD and _HOLDS.issuperset(adapters)


def _plain(text: str | None) -> str:
    return re.sub(r"\s+", "", text or "").lower()
