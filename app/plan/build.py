"""SemanticQuery → LogicalPlan, in the one order of meaning: where → aggregate → fill → derive → having → order → limit."""

from __future__ import annotations

from app.errors import Problem, UserError, did_you_mean
from app.model.expr import Column, Expr, Field
from app.model.ontology import Ontology
from app.model.plan import LogicalPlan, Order, OutputColumn, values
from app.model.query import GroupBy, OrderBy, SemanticQuery
from app.model.types import DatePart, Grain
from app.plan.draft import Draft
from app.plan.grains import agreed, metric_grain, settled
from app.plan.leaves import Asked
from app.plan.listing import listing
from app.plan.metric_filters import MetricFilters
from app.plan.metrics import MetricCompiler
from app.plan.problems import asked_for, at, in_reach
from app.plan.ranges import widened
from app.plan.shapes.build import shaped
from app.plan.steps import Steps, at_grain
from app.plan.written import written
from app.sql.expressions.coerce import coerced_condition
from app.sql.expressions.fields import split_name
from app.sql.expressions.infer import Types, infer
from app.sql.expressions.parts import resolved
from app.sql.joins import JoinGraph

_ONE_ROW = "leave out `order_by` (`--order`) and `apply_group_by` (`--no-group-by`), or `min_max_only` (`--min-max-only`)"
_NO_METRICS = "leave out the metrics, or `min_max_only` (`--min-max-only`) and `apply_group_by` (`--no-group-by`)"


@in_reach()
def build(query: SemanticQuery, ontology: Ontology, joins: JoinGraph) -> LogicalPlan:
    """The plan that answers the query over what `ontology` (of which `joins` is the graph) shows.

    Raises UserError DM3001…DM3025 (names, joins, grains, times) and DM3106…DM3111 (constants, types); docs/problems/DM3xxx.md lists them.
    """
    query = written(query, ontology, joins)
    metrics = tuple(dict.fromkeys(query.metrics))
    if not query.asked_metrics and not query.group_by:
        raise UserError(Problem("DM3012", "the query asks for nothing", hint="name a metric, or group-by items to list"))
    if query.limit is not None and query.limit < 0:
        raise UserError(Problem("DM3013", f"a limit of {query.limit} rows has no meaning"))
    if not metrics and query.min_max_only and (query.order_by or not query.apply_group_by):
        raise UserError(Problem("DM3017", "a query of extremes is one row: it has no order, and nothing to leave ungrouped", hint=_ONE_ROW))
    if metrics and (query.min_max_only or not query.apply_group_by):
        raise UserError(Problem("DM3017", "only a query without metrics can ask for extremes or for values that repeat", hint=_NO_METRICS))
    if query.is_shaped:
        return _shaped(query, joins)
    asked = settled(query.group_by, metrics, joins)
    agreed(query.where, metrics, joins)
    keys = tuple(dict.fromkeys(asked.values()))
    twice = next((key.column for key in keys if key.column in metrics), "")
    if twice:
        raise UserError(
            Problem("DM3025", f"two columns of the result would be named `{twice}`", hint="rename the metric, or leave one of them out")
        )
    draft = Draft(joins, (*(key.column for key in keys), *metrics))
    if not metrics:
        return _listing(draft, query, keys, asked)
    where = at_grain(query.where, _default_grain(metrics, joins))
    steps = Steps(draft, Asked(keys, where, widened(query.time, metrics, joins)), MetricFilters(draft).value)
    output = _Output(asked, MetricCompiler(steps), query, metrics)
    if steps.several:
        output = _Output(asked, MetricCompiler(steps, several=True), query, metrics)
    parts = steps.finish()
    types = _types(draft, parts)
    columns = tuple(OutputColumn(key.column, Column(key.column), types(Column(key.column))) for key in keys)
    columns += tuple(OutputColumn(metric, value, infer(value, types), metric=True) for metric, value in output.values.items())
    return LogicalPlan(
        draft.steps,
        parts,
        tuple(key.column for key in keys),
        columns,
        resolved(output.having, lambda leaf: leaf, lambda made: coerced_condition(made, types)) if output.having is not None else None,
        _complete(output.ordered, keys),
        query.limit,
    )


def _shaped(query: SemanticQuery, joins: JoinGraph) -> LogicalPlan:
    """The plan of a query with calculations, a choice of groups, or totals."""
    if query.min_max_only or not query.apply_group_by:
        raise UserError(Problem("DM3017", "only a query without metrics can ask for extremes or for values that repeat", hint=_NO_METRICS))
    metrics = query.asked_metrics
    asked = settled(query.group_by, metrics, joins)
    agreed(query.where, metrics, joins)
    draft = Draft(joins, (*(key.column for key in asked.values()), *metrics, *(one.name for one in query.calculations)))
    where = at_grain(query.where, _default_grain(metrics, joins)) if metrics else query.where
    return shaped(query, where, asked, draft)


def _listing(draft: Draft, query: SemanticQuery, keys: tuple[GroupBy, ...], asked: dict[str, GroupBy]) -> LogicalPlan:
    """The plan of a query without metrics."""
    if query.having is not None:
        raise UserError(Problem("DM3014", "`having` filters by metrics, and the query has none", hint="use `where`"))
    step = listing(draft, query, keys)
    draft.add(step)
    if query.min_max_only:
        extremes = tuple(OutputColumn(name, Column(name, step.name), kind) for name, kind in values(step))
        return LogicalPlan(draft.steps, (step.name,), (), extremes, limit=query.limit)
    output = _Output(asked, None, query, ())
    columns = tuple(OutputColumn(key.name, Column(key.name), key.type) for key in step.keys)
    return LogicalPlan(
        draft.steps, (step.name,), tuple(key.column for key in keys), columns, None, _complete(output.ordered, keys), query.limit
    )


def _default_grain(metrics: tuple[str, ...], joins: JoinGraph) -> Grain:
    """What `metric_time` without a grain means in the query's own filter: the coarsest default of its metrics, as in its group-by."""
    return max((metric_grain(metric, joins) for metric in metrics), key=lambda grain: grain.order)


class _Output:
    """What `having` and `order_by` may name: the group-by items, the query's metrics, and any other metric."""

    def __init__(self, asked: dict[str, GroupBy], compiler: MetricCompiler | None, query: SemanticQuery, metrics: tuple[str, ...]) -> None:
        self.compiler = compiler
        self.names = {key.column: key.column for key in asked.values()}
        for name, key in asked.items():
            self.names.setdefault(name, key.column)
            self.names.setdefault("__".join((*key.path, key.name)), key.column)
        self.values: dict[str, Expr] = {}
        for number, metric in enumerate(metrics):
            with at(f"metrics[{number}]"), asked_for(metric):
                if compiler is not None:
                    self.values[metric] = compiler.compile(metric)
        with at("having"):
            self.having = self.condition(query.having)
        self.ordered = tuple(self.order(number, item) for number, item in enumerate(query.order_by))

    def expr(self, name: str) -> tuple[Expr, str]:
        """The expression behind a name, and the result column that it is, "" where it is none. Raises UserError DM3015."""
        if name in self.values:
            return self.values[name], name
        if name in self.names:
            return Column(self.names[name]), self.names[name]
        if self.compiler is not None and name in self.compiler.steps.graph.metrics:
            return self.compiler.compile(name), ""
        known = [*self.values, *self.names]
        raise UserError(Problem("DM3015", f"`{name}` is neither a metric nor one of the group-by items", hint=did_you_mean(name, known)))

    def condition(self, having: Expr | None) -> Expr | None:
        """`having` over values of steps and keys."""

        def placed(leaf: Expr) -> Expr:
            match leaf:
                case Field(kind="metric", name=name):
                    return self.expr(name)[0]
                case Field(name=name, path=path, grain=grain, date_part=part):
                    return self.expr(GroupBy(name, grain, part, path).column)[0]
                case Column(name=name, table=table):
                    stem, grain, part_name = split_name("__".join(p for p in (table, name) if p))
                    return self.expr(GroupBy(stem, grain, DatePart(part_name) if part_name else None).column)[0]
                case _:
                    return leaf

        return None if having is None else resolved(having, placed)

    def order(self, number: int, item: OrderBy) -> Order:
        """One order item."""
        with at(f"order_by[{number}]"):
            expr, column = self.expr(item.name)
        return Order(expr, item.descending, column)


def _complete(ordered: tuple[Order, ...], keys: tuple[GroupBy, ...]) -> tuple[Order, ...]:
    """The order asked for, then the group-by columns: the same question gives the same rows in the same order, and LIMIT the same ones."""
    named = {order.column for order in ordered}
    return (*ordered, *(Order(Column(key.column), column=key.column) for key in keys if key.column not in named))


def _types(draft: Draft, parts: tuple[str, ...]) -> Types:
    """The types of values and keys of the steps that the output joins."""
    return lambda column: draft.type_of(column.table or parts[0], column.name)
