"""LogicalPlan → one engine's SQL, as a person would write it: a CTE for each step that others read, in reading order, and one SELECT over them.

Facts are aggregated before they meet, so none can repeat another's rows. ClickHouse needs `join_use_nulls = 1` for the outer joins in which they meet;
its adapter sets it on every query.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from app.model.physical import Placement
from app.model.plan import Aggregate, Combine, LogicalPlan, Named, Order, OutputColumn, Select, Step, Union, values
from app.model.sql import Sql
from app.model.types import DataType, Dialect
from app.plan.comments import commented
from app.plan.meeting import Meeting
from app.plan.problems import in_reach
from app.plan.select import StepSelect, alias
from app.sql.expressions.infer import Types
from app.sql.expressions.spell import Speller, build, speller
from app.sql.expressions.walk import size
from app.sql.render import render_sql

MOST_INLINE = 60
"""An output expression with more nodes than this, once aggregates stand in it, is computed over a CTE in place of inline."""


@in_reach()
def render(
    plan: LogicalPlan, dialect: Dialect, placement: Placement, *, limit: int | None, comments: Mapping[str, str] | None = None
) -> Sql:
    """The plan as SQL of the dialect, over the relations of `placement`. At most `limit` rows are asked for, or the plan's own limit if less.

    `comments` are shown at the result columns of their names: in the text only, never in the tree, which is what governance takes up.
    Raises UserError DM3030 where the engine does not have a model, DM3106 for an expression that it can't compute rightly.
    """
    types = _types(plan.steps)
    last = plan.steps[-1]
    short = all(size(column.expr) <= MOST_INLINE for column in plan.columns)
    alone = plan.parts == (last.name,) and isinstance(last, Aggregate | Select) and short
    before = plan.steps[:-1] if alone else plan.steps
    if alone and isinstance(last, Aggregate | Select):
        select = _inline(plan, StepSelect(last, dialect, placement), dialect, types)
    elif len(plan.parts) == 1:
        select = _over(plan, dialect, types)
    else:
        select = _joined(plan, dialect, types)
    if before:
        steps = {step.name: step for step in plan.steps}
        select.set("with_", exp.With(expressions=[_cte(step, steps, dialect, placement, types) for step in before]))
    most = min((n for n in (plan.limit, limit) if n is not None), default=None)
    if most is not None:
        select.set("limit", exp.Limit(expression=build.digits(most)))
    text = commented(select, dialect, comments) if comments else render_sql(select, dialect, pretty=True)
    return Sql(dialect, select, text)


def _cte(step: Step, steps: dict[str, Step], dialect: Dialect, placement: Placement, types: Types) -> exp.CTE:
    """A step that others read."""
    made: exp.Query
    match step:
        case Combine():
            made = _combined(step, steps, dialect, types)
        case Union(parts=parts):
            made = _united(parts, dialect, placement)
        case _:
            made = StepSelect(step, dialect, placement).whole()
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
    meeting = Meeting(plan.parts, plan.keys, {step.name: step for step in plan.steps}, dialect, types)
    spelled = meeting.spelled()
    kept: dict[str, exp.Expr] = {}
    if plan.having is not None:
        test = spelled.spell(plan.having)
        kept = {"having": exp.Having(this=test)} if plan.keys else {"where": exp.Where(this=test)}
    return exp.Select(**_output(plan.columns, spelled), **meeting.clauses(), **kept, **_order(plan, spelled))


def _combined(step: Combine, steps: dict[str, Step], dialect: Dialect, types: Types) -> exp.Select:
    """A step of steps side by side."""
    if len(step.parts) == 1:
        spelled = speller(dialect, lambda column: build.column(column.name, column.table or step.parts[0]), types)
        return exp.Select(**_output((*step.keys, *step.columns), spelled), from_=_from(step.parts[0]))
    meeting = Meeting(step.parts, tuple(key.name for key in step.keys), steps, dialect, types)
    return exp.Select(**_output((*step.keys, *step.columns), meeting.spelled()), **meeting.clauses())


def _united(parts: tuple[Select, ...], dialect: Dialect, placement: Placement) -> exp.Query:
    """Rows of steps one under the other."""
    made: exp.Query
    made, *others = (StepSelect(part, dialect, placement).whole() for part in parts)
    for other in others:
        made = exp.Union(this=made, expression=other, distinct=False)
    return made


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
