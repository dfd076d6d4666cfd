"""About how many rows a statement reads from tables, by PostgreSQL's own plan: what a limit on it is held to before the statement runs.

The estimate knows nothing of what the query asks of rows that a filter hides: conditions stay above the barrier, so scans below it are those of the tables
and of the policies alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Sizes = Mapping[tuple[str, str], float]
"""Rows of each table, by schema and name."""

_ONCE = frozenset({"Materialize", "Memoize", "Hash", "CTE Scan"})
"""What is made once, however often it is asked."""


def tables(plan: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Schema and name of each table that the plan (EXPLAIN's, verbose) scans."""
    found = {(plan["Schema"], plan["Relation Name"])} if "Relation Name" in plan and "Schema" in plan else set()
    return found.union(*(tables(part) for part in plan.get("Plans", ())))


def rows_read(plan: Mapping[str, Any], sizes: Sizes, times: float = 1.0) -> float:
    """The rows that the plan reads from tables when it runs so many times: all of a table that is read in sequence, else as many as the plan expects."""
    own = 0.0
    if "Relation Name" in plan:
        expected = _expected(plan)
        whole = sizes.get((plan.get("Schema", ""), plan["Relation Name"]), expected)
        own = times * (max(whole, expected) if plan["Node Type"] == "Seq Scan" else expected)
    parts = plan.get("Plans", ())
    outer = next((_expected(part) for part in parts if part.get("Parent Relationship") == "Outer"), 1.0)
    for part in parts:
        again = times
        if part.get("Parent Relationship") == "SubPlan":
            again *= _expected(plan)
        elif plan["Node Type"] == "Nested Loop" and part.get("Parent Relationship") == "Inner" and part["Node Type"] not in _ONCE:
            again *= outer
        own += rows_read(part, sizes, again)
    return own


def _expected(plan: Mapping[str, Any]) -> float:
    """How many rows a step is expected to give, one at least."""
    return max(1.0, float(plan.get("Plan Rows", 1)))
