"""A gold query → the request that `datamind query` would make of the same words."""

from __future__ import annotations

from collections.abc import Sequence

from app.service.evaluation.question import Cell, Condition, Gold
from app.service.request import QueryRequest

_TIME = "metric_time"


def gold_request(gold: Gold) -> QueryRequest:
    """The request. A grain of its period that no group-by item bears groups by it."""
    period = gold.time
    group_by = gold.group_by
    if period is not None and period.grain and not any(item.startswith(_TIME) for item in group_by):
        group_by = (f"{_TIME}__{period.grain}", *group_by)
    return QueryRequest(
        metrics=gold.metrics,
        group_by=group_by,
        where=tuple(map(_text, [gold.where] if isinstance(gold.where, str) else gold.where)),
        having=" and ".join(map(_text, gold.having if isinstance(gold.having, tuple) else [gold.having])),
        order=tuple(one if isinstance(one, str) else f"{'-' * (one.dir == 'desc')}{one.by}" for one in gold.order),
        limit=gold.limit,
        start_time=(period.start or "") if period else "",
        end_time=(period.end or "") if period else "",
        calculations=gold.calculations,
    )


def _text(condition: str | Condition) -> str:
    """The condition in the filter language; what it compares with is always written as a constant."""
    if isinstance(condition, str):
        return condition
    name, op = condition.dimension or condition.metric, " ".join(condition.op.lower().split())
    value = condition.value
    if op in ("is null", "is not null"):
        return f"{name} {op}"
    if value is None and op in ("=", "==", "!=", "<>"):
        return f"{name} is {'not ' * (op in ('!=', '<>'))}null"
    if op in ("between", "not between") and isinstance(value, tuple) and len(value) == 2:
        return f"{name} {op} {_constant(value[0])} and {_constant(value[1])}"
    if isinstance(value, tuple):
        return f"{name} {_IN.get(op, op)} ({_constants(value)})"
    return f"{name} {'=' if op == '==' else op} {_constant(value)}"


_IN = {"=": "in", "==": "in", "!=": "not in", "<>": "not in"}
"""What several values make of a comparison with one."""


def _constants(values: Sequence[Cell]) -> str:
    return ", ".join(map(_constant, values))


def _constant(value: Cell) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
