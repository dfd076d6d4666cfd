"""LogicalPlan → one engine's SQL, as a person would write it: a CTE for each step that others read, in reading order, and one SELECT over them.

Facts are aggregated before they meet, so none can repeat another's rows. They meet in a FULL OUTER JOIN on the keys; because `=` never holds
for NULL, a last GROUP BY with MAX brings the halves of a NULL key together (each step has one row per key, so MAX takes the only value).
ClickHouse needs `join_use_nulls = 1` for it, which its adapter sets on every query.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from app.model.expr import Column
from app.model.physical import Placement
from app.model.plan import Aggregated, Combine, LogicalPlan, Named, Order, OutputColumn, Step, values
from app.model.sql import Sql
from app.model.types import Aggregation, DataType, Dialect
from app.plan.aggregates import AGGREGATES
from app.plan.comments import commented
from app.plan.select import StepSelect, alias
from app.sql.expressions.infer import Types
from app.sql.expressions.spell import Speller, build, speller
from app.sql.expressions.walk import size
from app.sql.render import render_sql

MOST_INLINE = 60
"""An output expression with more nodes than this, once aggregates stand in it, is computed over a CTE in place of inline."""


def render(
    plan: LogicalPlan, dialect: Dialect, placement: Placement, *, limit: int | None, comments: Mapping[str, str] | None = None
) -> Sql:
    """The plan as SQL of the dialect, over the relations of `placement`. At most `limit` rows are asked for, or the plan's own limit if less.

    `comments` are shown at the result columns of their names: in the text only, never in the tree, which is what governance takes up.
    Raises UserError DM3030 where the engine does not have a model, DM3106 for an expression that it can't compute rightly.
    """
    types = _types(plan.steps)
    last = plan.steps[-1]
    alone = (
        plan.parts == (last.name,) and not isinstance(last, Combine) and all(size(column.expr) <= MOST_INLINE for column in plan.columns)
    )
    before = plan.steps[:-1] if alone else plan.steps
    if alone and not isinstance(last, Combine):
        select = _inline(plan, StepSelect(last, dialect, placement), dialect, types)
    elif len(plan.parts) == 1:
        select = _over(plan, dialect, types)
    else:
        select = _joined(plan, dialect, types)
    if before:
        select.set("with_", exp.With(expressions=[_cte(step, dialect, placement, types) for step in before]))
    most = min((n for n in (plan.limit, limit) if n is not None), default=None)
    if most is not None:
        select.set("limit", exp.Limit(expression=build.digits(most)))
    text = commented(select, dialect, comments) if comments else render_sql(select, dialect, pretty=True)
    return Sql(dialect, select, text)


def _cte(step: Step, dialect: Dialect, placement: Placement, types: Types) -> exp.CTE:
    """A step that others read."""
    made = _combined(step, dialect, types) if isinstance(step, Combine) else StepSelect(step, dialect, placement).whole()
    return exp.CTE(this=made, alias=exp.TableAlias(this=build.name(step.name)))


def _inline(plan: LogicalPlan, step: StepSelect, dialect: Dialect, types: Types) -> exp.Select:
    """The only part as the SELECT itself: its aggregations stand inside the output's expressions."""
    spelled = speller(dialect, lambda column: step.value(column.name) if column.table else step.key(column.name), types)
    kept = [spelled.spell(plan.having)] if plan.having is not None else []
    having = {"having": exp.Having(this=kept.pop())} if kept and step.groups else {}
    order, once = _order(plan, spelled), step.distinct()
    if once and order and any(isinstance(item.this, exp.Collate) for item in order["order"].expressions):
        # PostgreSQL sorts DISTINCT rows by what is selected only.
        once = {"group": exp.Group(expressions=[step.key(key) for key in plan.keys])}
    return exp.Select(**_output(plan.columns, spelled), **step.body(*kept), **once, **having, **order)


def _over(plan: LogicalPlan, dialect: Dialect, types: Types) -> exp.Select:
    """The output over the only part, which is a CTE."""
    (name,) = plan.parts
    spelled = speller(dialect, lambda column: build.column(column.name, column.table or name), types)
    where = {"where": exp.Where(this=spelled.spell(plan.having))} if plan.having is not None else {}
    return exp.Select(**_output(plan.columns, spelled), from_=_from(name), **where, **_order(plan, spelled))


def _joined(plan: LogicalPlan, dialect: Dialect, types: Types) -> exp.Select:
    """The output over several parts."""
    spelled = _meeting(plan.parts, plan.keys, dialect, types)
    kept: dict[str, exp.Expr] = {}
    if plan.having is not None:
        test = spelled.spell(plan.having)
        kept = {"having": exp.Having(this=test)} if plan.keys else {"where": exp.Where(this=test)}
    return exp.Select(**_output(plan.columns, spelled), **_meet(plan.parts, plan.keys), **kept, **_order(plan, spelled))


def _combined(step: Combine, dialect: Dialect, types: Types) -> exp.Select:
    """A step of steps side by side."""
    names = tuple(key.name for key in step.keys)
    if len(step.parts) == 1:
        spelled = speller(dialect, lambda column: build.column(column.name, column.table or step.parts[0]), types)
        return exp.Select(**_output((*step.keys, *step.columns), spelled), from_=_from(step.parts[0]))
    spelled = _meeting(step.parts, names, dialect, types)
    return exp.Select(**_output((*step.keys, *step.columns), spelled), **_meet(step.parts, names))


def _meeting(parts: tuple[str, ...], keys: tuple[str, ...], dialect: Dialect, types: Types) -> Speller:
    """Spells columns of steps that meet: a key is that of the first step which has it."""
    plain = speller(dialect, lambda column: build.column(column.name, column.table), types)

    def leaf(column: Column) -> exp.Expr:
        if not column.table:
            return _key(column.name, parts)
        value = build.column(column.name, column.table)
        if not keys:
            return value
        if types(column) is DataType.BOOLEAN:  # of which PostgreSQL has no MAX
            return AGGREGATES[dialect](Aggregated("", Aggregation.MAX, column, DataType.BOOLEAN), plain, False)
        return exp.Max(this=value)

    return speller(dialect, leaf, types)


def _meet(parts: tuple[str, ...], keys: tuple[str, ...]) -> dict[str, exp.Expr | list[exp.Expr]]:
    """FROM, JOIN and GROUP BY of steps that meet on their keys; without keys each has its single row."""
    joins: list[exp.Expr] = []
    for number, name in enumerate(parts[1:], start=1):
        table = exp.Table(this=build.name(name))
        if not keys:
            joins.append(exp.Join(this=table, kind="CROSS"))
            continue
        on = build.all_of([build.operation(exp.EQ, _key(key, parts[:number]), build.column(key, name)) for key in keys])
        joins.append(exp.Join(this=table, side="FULL", kind="OUTER", on=on))
    found: dict[str, exp.Expr | list[exp.Expr]] = {"from_": _from(parts[0]), "joins": joins}
    return {**found, "group": exp.Group(expressions=[_key(key, parts) for key in keys])} if keys else found


def _key(name: str, parts: tuple[str, ...]) -> exp.Expr:
    """A key as the steps have it."""
    first, *rest = (build.column(name, step) for step in parts)
    return exp.Coalesce(this=first, expressions=rest) if rest else first


def _from(name: str) -> exp.From:
    """FROM a step."""
    return exp.From(this=exp.Table(this=build.name(name)))


def _output(columns: tuple[OutputColumn | Named, ...], spelled: Speller) -> dict[str, list[exp.Expr]]:
    """The result's columns."""
    return {"expressions": [alias(spelled.spell(column.expr), column.name) for column in columns]}


def _order(plan: LogicalPlan, spelled: Speller) -> dict[str, exp.Expr]:
    """ORDER BY, nulls last and texts by their code points on both engines; of a single row there is none. A result column goes by its name."""
    if not plan.keys or not plan.order_by:
        return {}

    def ordered(order: Order) -> exp.Ordered:
        node = spelled.ordering(order.expr)
        if order.column and not isinstance(node, exp.Collate):  # beside COLLATE a name of the result can't stand
            node = build.column(order.column)
        return exp.Ordered(this=node, desc=order.descending, nulls_first=False)

    return {"order": exp.Order(expressions=[ordered(order) for order in plan.order_by])}


def _types(steps: tuple[Step, ...]) -> Types:
    """The types of the steps' keys and values."""
    known: dict[tuple[str, str], DataType] = {}
    for step in reversed(steps):
        known.update({("", key.name): key.type for key in step.keys})
        known.update({(step.name, name): kind for name, kind in values(step)})
    return lambda column: known.get((column.table, column.name), DataType.OTHER)
