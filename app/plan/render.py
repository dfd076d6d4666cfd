"""LogicalPlan → one engine's SQL, as a person would write it: one SELECT where one is enough, else a CTE for each fact and a join of them.

Facts are aggregated before they meet, so none can repeat another's rows. They meet in a FULL OUTER JOIN on the keys; because `=` never holds
for NULL, a last GROUP BY with MAX brings the halves of a NULL key together (each step has one row per key, so MAX takes the only value).
ClickHouse needs `join_use_nulls = 1` for it, which its adapter sets on every query.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from app.model.expr import Column, Expr
from app.model.physical import Placement
from app.model.plan import LogicalPlan, Order
from app.model.sql import Sql
from app.model.types import DataType, Dialect
from app.plan.select import StepSelect, alias, step_column
from app.sql.expressions.spell import Speller, build, speller
from app.sql.expressions.walk import size
from app.sql.render import render_sql

MOST_INLINE = 60
"""An output expression with more nodes than this, once aggregates stand in it, is computed over a CTE in place of inline."""


def render(plan: LogicalPlan, dialect: Dialect, placement: Placement, *, limit: int | None) -> Sql:
    """The plan as SQL of the dialect, over the relations of `placement`. At most `limit` rows are asked for, or the plan's own limit if less.

    Raises UserError DM3030 where the engine does not have a model, DM3106 for an expression that it can't compute rightly.
    """
    steps = [StepSelect(step, dialect, placement) for step in plan.steps]
    types = _types(plan)
    if len(steps) > 1:
        select = _combined(plan, steps, dialect, types)
    elif not steps[0].step.values:
        select = _listed(plan, steps[0])
    elif all(size(column.expr) <= MOST_INLINE for column in plan.columns):
        select = _single(plan, steps[0], dialect, types)
    else:
        select = _over_cte(plan, steps[0], dialect, types)
    most = min((n for n in (plan.limit, limit) if n is not None), default=None)
    if most is not None:
        select.set("limit", exp.Limit(expression=build.digits(most)))
    return Sql(dialect, select, render_sql(select, dialect, pretty=True))


def _listed(plan: LogicalPlan, step: StepSelect) -> exp.Select:
    """Distinct values."""
    columns = [alias(step.key(key), key) for key in plan.keys]
    order = _order(plan, lambda expr: step.key(expr.name) if isinstance(expr, Column) else exp.null())
    return exp.Select(distinct=exp.Distinct(), expressions=columns, **step.body(), **order)


def _single(plan: LogicalPlan, step: StepSelect, dialect: Dialect, types: Callable[[Column], DataType]) -> exp.Select:
    """One SELECT: aggregations stand inside the output's expressions."""
    spelled = speller(dialect, lambda column: step.value(column.name) if column.table else step.key(column.name), types)
    return exp.Select(**_output(plan, spelled), **step.body(), **_having(plan, spelled), **_order(plan, spelled.spell))


def _over_cte(plan: LogicalPlan, step: StepSelect, dialect: Dialect, types: Callable[[Column], DataType]) -> exp.Select:
    """The aggregate as a CTE, and the output over it."""
    name = step.step.name
    spelled = speller(dialect, lambda column: build.column(column.name, column.table or name), types)
    where = {"where": exp.Where(this=spelled.spell(plan.having))} if plan.having is not None else {}
    origin = exp.From(this=exp.Table(this=build.name(name)))
    return exp.Select(with_=_with([step]), **_output(plan, spelled), from_=origin, **where, **_order(plan, spelled.spell))


def _combined(plan: LogicalPlan, steps: list[StepSelect], dialect: Dialect, types: Callable[[Column], DataType]) -> exp.Select:
    """A CTE for each step, joined on the keys."""
    names = [step.step.name for step in steps]

    def key(name: str, upto: int) -> exp.Expr:
        """A key as the first steps have it."""
        first, *rest = (build.column(name, step) for step in names[:upto])
        return exp.Coalesce(this=first, expressions=rest) if rest else first

    def leaf(column: Column) -> exp.Expr:
        if not column.table:
            return key(column.name, len(names))
        return exp.Max(this=step_column(column)) if plan.keys else step_column(column)

    spelled = speller(dialect, leaf, types)
    joins: list[exp.Expr] = []
    for number, name in enumerate(names[1:], start=1):
        table = exp.Table(this=build.name(name))
        if not plan.keys:
            joins.append(exp.Join(this=table, kind="CROSS"))
            continue
        on = build.all_of([build.operation(exp.EQ, key(k, number), build.column(k, name)) for k in plan.keys])
        joins.append(exp.Join(this=table, side="FULL", kind="OUTER", on=on))
    group = {"group": exp.Group(expressions=[key(k, len(names)) for k in plan.keys])} if plan.keys else {}
    kept = _having(plan, spelled)
    if kept and not plan.keys:
        kept = {"where": exp.Where(this=spelled.spell(plan.having))} if plan.having is not None else {}
    origin = exp.From(this=exp.Table(this=build.name(names[0])))
    return exp.Select(
        with_=_with(steps), **_output(plan, spelled), from_=origin, joins=joins, **group, **kept, **_order(plan, spelled.spell)
    )


def _with(steps: list[StepSelect]) -> exp.With:
    """The steps as CTEs, in reading order."""
    return exp.With(expressions=[exp.CTE(this=step.whole(), alias=exp.TableAlias(this=build.name(step.step.name))) for step in steps])


def _output(plan: LogicalPlan, spelled: Speller) -> dict[str, list[exp.Expr]]:
    """The result's columns."""
    return {"expressions": [alias(spelled.spell(column.expr), column.name) for column in plan.columns]}


def _having(plan: LogicalPlan, spelled: Speller) -> dict[str, exp.Expr]:
    """HAVING."""
    return {"having": exp.Having(this=spelled.spell(plan.having))} if plan.having is not None else {}


def _order(plan: LogicalPlan, spell: Callable[[Expr], exp.Expr]) -> dict[str, exp.Expr]:
    """ORDER BY, nulls last on both engines; of a single row there is none."""
    if not plan.keys or not plan.order_by:
        return {}
    return {"order": exp.Order(expressions=[_ordered(order, spell) for order in plan.order_by])}


def _ordered(order: Order, spell: Callable[[Expr], exp.Expr]) -> exp.Ordered:
    """One order item: a result column by its name, anything else as an expression."""
    return exp.Ordered(this=build.column(order.column) if order.column else spell(order.expr), desc=order.descending, nulls_first=False)


def _types(plan: LogicalPlan) -> Callable[[Column], DataType]:
    """The types of the steps' keys and values."""
    known: dict[tuple[str, str], DataType] = {}
    for step in reversed(plan.steps):
        known.update({("", key.name): key.type for key in step.keys})
        known.update({(step.name, value.name): value.type for value in step.values})
    return lambda column: known.get((column.table, column.name), DataType.OTHER)
