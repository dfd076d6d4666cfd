"""What a result's columns are called: the gateway's labels, with a time column's grain in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

METRIC_TIME = "metric_time"
_PARTS = {"dow": "day of the week", "doy": "day of the year", "day": "day of the month"}


def definitions_by_name(answer: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each metric's definition by the name of its column."""
    return {definition["metric"]: definition for definition in answer["definitions"]}


def groups_by_column(answer: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each group-by item by the name of its column."""
    return {_column(item): item for item in (answer["query"] or {}).get("group_by", ())}


def group_label(item: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """The heading of a group-by item: `Country`, `Month`, `Order date (month)`. What has no label keeps its name."""
    part = item.get("date_part") or ""
    grain = _PARTS.get(part, part) or item.get("grain") or ""
    if item["name"] == METRIC_TIME:
        return (grain or "date").capitalize()
    label = labels.get(item["name"]) or item["name"]
    return f"{label} ({grain})" if grain else label


def _column(item: Mapping[str, Any]) -> str:
    """A group-by item's column name, as MetricFlow has it."""
    stem = "__".join((*item.get("path", ()), item["name"]))
    if item.get("date_part"):
        return f"{stem}__extract_{item['date_part']}"
    return f"{stem}__{item['grain']}" if item.get("grain") else stem
