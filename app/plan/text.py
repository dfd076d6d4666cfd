"""A logical plan as a person reads it: what `--explain=plan` prints."""

from __future__ import annotations

from collections.abc import Iterator

from app.model.expr import And
from app.model.plan import Aggregate, Aggregated, Combine, JoinKind, LogicalPlan, Named, Rows, Scan, Select, Step, Union, Windowed
from app.sql.expressions.text import expression_text


def plan_text(plan: LogicalPlan) -> str:
    """The steps in reading order, each with what it reads, joins, filters, groups by and computes; then the output."""
    lines: list[str] = []
    for step in plan.steps:
        lines += _step(step)
    lines.append("output")
    lines += [f"  {_named(column.name, expression_text(column.expr))}" for column in plan.columns]
    if len(plan.parts) > 1:
        lines.append(f"  from {_side_by_side(plan.parts, plan.keys)}")
    if plan.having is not None:
        lines.append(f"  having {expression_text(plan.having)}")
    if plan.order_by:
        items = (f"{item.column or expression_text(item.expr)}{' descending' if item.descending else ''}" for item in plan.order_by)
        lines.append(f"  order by {', '.join(items)}, nulls last")
    if plan.limit is not None:
        lines.append(f"  limit {plan.limit}")
    return "\n".join(lines)


def _step(step: Step) -> Iterator[str]:
    """One step's lines."""
    match step:
        case Combine():
            yield f"{step.name}: steps side by side"
            yield f"  from {_side_by_side(step.parts, tuple(key.name for key in step.keys))}"
            yield from (f"  compute {_key(column)}" for column in step.columns)
        case Aggregate():
            yield f"{step.name}: {'aggregate' if step.values else 'distinct values'}"
            yield from _rows(step.rows)
            if step.keys:
                yield f"  group by {', '.join(_key(key) for key in step.keys)}"
            yield from (f"  compute {_named(value.name, _aggregated(value))}" for value in step.values)
        case Select():
            yield f"{step.name}: rows"
            yield from _selected(step)
        case Union(parts=parts):
            for number, part in enumerate(parts):
                yield f"{step.name}: rows" if number == 0 else "  and below them rows"
                yield from _selected(part)


def _selected(step: Select) -> Iterator[str]:
    """What rows are read, and what is taken of them."""
    yield from _rows(step.rows)
    yield from (f"  take {_key(column)}" for column in (*step.keys, *step.columns))
    yield from (f"  compute {window.name} = {_windowed(window)}" for window in step.windows)


def _rows(rows: Rows) -> Iterator[str]:
    """What is read."""
    yield f"  scan {_scan(rows.base)}"
    for join in rows.joins:
        on = f" on {expression_text(And(join.on) if len(join.on) > 1 else join.on[0])}" if join.on else ""
        once = f", at most one row each (entity {join.entity})" if join.kind in (JoinKind.LEFT, JoinKind.FULL) and join.entity else ""
        yield f"  {join.kind} join {_scan(join.scan)}{on}{once}"
    if rows.where is not None:
        yield f"  where {expression_text(rows.where)}"


def _scan(scan: Scan) -> str:
    """A model or step with its alias and the columns that are read of it."""
    columns = ", ".join(name for name, _type in scan.columns) or "no columns"
    return f"step {_named(scan.alias, scan.step)} ({columns})" if scan.step else f"{scan.model} as {scan.alias} ({columns})"


def _key(key: Named) -> str:
    """An expression under its name."""
    return _named(key.name, expression_text(key.expr))


def _aggregated(value: Aggregated) -> str:
    """An aggregation as a call."""
    percentile = f", {value.percentile:g}" if value.percentile is not None else ""
    kind = f"{', discrete' if value.discrete else ''}{', approximate' if value.approximate else ''}"
    return f"{value.agg}({expression_text(value.expr)}{percentile}{kind})"


def _windowed(window: Windowed) -> str:
    """A window function with what it goes over."""
    arg = expression_text(window.arg) if window.arg is not None else ""
    by = f" for each {', '.join(map(expression_text, window.by))}" if window.by else ""
    order = ", ".join(f"{expression_text(expr)}{' descending' if desc else ''}" for expr, desc in window.order)
    frame = f", at most {window.frame} back" if window.frame is not None else ""
    return f"{window.function}({arg}){by}{f' in the order of {order}{frame}' if order else ''}"


def _side_by_side(parts: tuple[str, ...], keys: tuple[str, ...]) -> str:
    """Steps that are joined on keys."""
    return f"{', '.join(parts)}, joined on {', '.join(keys) or 'their single row'}"


def _named(name: str, text: str) -> str:
    """`name = text`, or the name alone where both are the same."""
    return name if text == name else f"{name} = {text}"
