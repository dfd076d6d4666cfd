"""A logical plan as a person reads it: what `--explain=generate` prints."""

from __future__ import annotations

from collections.abc import Iterator

from app.model.plan import Aggregate, Aggregated, LogicalPlan, Named, Source
from app.sql.expressions.text import expression_text


def plan_text(plan: LogicalPlan) -> str:
    """The steps in reading order, each with what it reads, joins, filters, groups by and computes; then the output."""
    lines: list[str] = []
    for step in plan.steps:
        lines += _step(step)
    lines.append("output")
    lines += [f"  {_named(column.name, expression_text(column.expr))}" for column in plan.columns]
    if len(plan.steps) > 1:
        lines.append(f"  from {', '.join(step.name for step in plan.steps)}, joined on {', '.join(plan.keys) or 'their single row'}")
    if plan.having is not None:
        lines.append(f"  having {expression_text(plan.having)}")
    if plan.order_by:
        items = (f"{item.column or expression_text(item.expr)}{' descending' if item.descending else ''}" for item in plan.order_by)
        lines.append(f"  order by {', '.join(items)}, nulls last")
    if plan.limit is not None:
        lines.append(f"  limit {plan.limit}")
    return "\n".join(lines)


def _step(step: Aggregate) -> Iterator[str]:
    """One step's lines."""
    yield f"{step.name}: {'aggregate' if step.values else 'distinct values'}"
    yield f"  scan {_source(step.rows.base)}"
    for join in step.rows.joins:
        on = " and ".join(f"{expression_text(left)} = {expression_text(right)}" for left, right in join.on)
        yield f"  {'full' if join.full else 'left'} join {_source(join.source)} on {on}, at most one row each (entity {join.entity})"
    if step.rows.where is not None:
        yield f"  where {expression_text(step.rows.where)}"
    if step.keys:
        yield f"  group by {', '.join(_key(key) for key in step.keys)}"
    for value in step.values:
        yield f"  compute {_named(value.name, _aggregated(value))}"


def _source(source: Source) -> str:
    """A model with its alias and the columns that are read of it."""
    return f"{source.model} as {source.alias} ({', '.join(name for name, _type in source.columns) or 'no columns'})"


def _key(key: Named) -> str:
    """A group-by expression under its name."""
    return _named(key.name, expression_text(key.expr))


def _aggregated(value: Aggregated) -> str:
    """An aggregation as a call."""
    percentile = f", {value.percentile:g}" if value.percentile is not None else ""
    return f"{value.agg}({expression_text(value.expr)}{percentile})"


def _named(name: str, text: str) -> str:
    """`name = text`, or the name alone where both are the same."""
    return name if text == name else f"{name} = {text}"
