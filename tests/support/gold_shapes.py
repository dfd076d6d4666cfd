"""The rows of a gold query with a comparison, a share or first groups, computed here from plain metric queries: a second way to what its SQL says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.golden_questions import Line, Rows

Ask = Callable[[Line], Rows]
"""Rows of the line's metrics by its group-by items, whatever its `compare` says."""


def rows_of(line: Line, ask: Ask) -> Rows:
    """The rows that the line asks for, in the order of its columns."""
    compare = line.get("compare") or {}
    if "previous" in compare:
        return _compared(line, ask)
    if "part" in compare:
        part = ask(line | {"where": line["where"] + compare["part"]})
        return [[100 * part[0][0] / ask(line)[0][0]]]
    if compare.get("type") == "share_of_total":
        return _shares(line, ask(line))
    if compare.get("type") == "top_per_group":
        return _first(line, ask(line))
    return ask(line)


def _compared(line: Line, ask: Ask) -> Rows:
    """Both periods side by side."""
    count = len(line["group_by"])
    now, then = (_by_group(ask(one), count) for one in (line, line | {"time": (line["time"] or {}) | line["compare"]["previous"]}))
    return [[*group, *_change(now.get(group), then.get(group))] for group in {**now, **then}]


def _change(now: float | None, then: float | None) -> tuple[float | None, ...]:
    if now is None or then is None:
        return now, then, None, None
    return now, then, now - then, 100 * (now - then) / abs(then) if then else None


def _by_group(rows: Rows, count: int) -> Mapping[tuple[Any, ...], Any]:
    return {tuple(row[:count]): row[count] for row in rows}


def _shares(line: Line, rows: Rows) -> Rows:
    """Each row with its part of the total, or of its group's."""
    within = [line["group_by"].index(item) for item in line["compare"].get("within", ())]
    at = len(line["group_by"])
    totals: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows:
        totals[tuple(row[item] for item in within)] += row[at]
    return [[*row, 100 * row[at] / totals[tuple(row[item] for item in within)]] for row in rows]


def _first(line: Line, rows: Rows) -> Rows:
    """The first rows of each group."""
    compare = line["compare"]
    within, by = line["group_by"].index(compare["within"][0]), line["columns"].index(compare["by"])
    groups: dict[Any, Rows] = defaultdict(list)
    for row in sorted(rows, key=lambda row: float(row[by]), reverse=compare["dir"] == "desc"):
        groups[row[within]].append(row)
    return [row for group in groups.values() for row in group[: compare["n"]]]
