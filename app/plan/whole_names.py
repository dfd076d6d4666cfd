"""Names that say less than the whole way, written out: what is restated, remembered and answered then says which way was taken."""

from __future__ import annotations

import msgspec

from app.errors import DataMindError
from app.model.expr import Column, Expr, Field
from app.model.query import GroupBy, OrderBy, SemanticQuery
from app.model.shapes import Calculation, MetricValue, Rank, Shape, Share, Top
from app.sql.expressions.fields import split_name
from app.sql.expressions.walk import replace_leaves
from app.sql.joins import JoinGraph


def with_whole_names(query: SemanticQuery, joins: JoinGraph) -> SemanticQuery:
    """The query with the whole name of each item and reference, where it is one for all metrics. What can't be resolved stays: the planner says why."""
    if not query.asked_metrics:
        return query
    try:
        whole = _Whole(query, joins)
        return msgspec.structs.replace(
            query,
            group_by=tuple(dict.fromkeys(map(whole.item, query.group_by))),
            where=whole.condition(query.where),
            having=whole.condition(query.having),
            order_by=tuple(OrderBy(whole.column(item.name), item.descending) for item in query.order_by),
            calculations=tuple(Calculation(one.name, whole.shape(one.shape)) for one in query.calculations),
            top=whole.top(query.top),
        )
    except DataMindError:
        return query


class _Whole:
    """The whole names of one query."""

    def __init__(self, query: SemanticQuery, joins: JoinGraph) -> None:
        self._joins = joins
        self._metrics = query.asked_metrics
        self._calculated = {one.name for one in query.calculations}
        self._columns = {item.column: self.item(item).column for item in query.group_by}

    def item(self, item: GroupBy) -> GroupBy:
        """A group-by item."""
        name = item.name if item.path else self._joins.whole_name(self._metrics, item.name)
        return GroupBy(name, item.grain, item.date_part, item.path)

    def column(self, name: str) -> str:
        """An order item: a group-by item's column, or a name with or without its grain."""
        if name in self._columns or name in self._joins.metrics or name in self._calculated:
            return self._columns.get(name, name)
        stem, _, _ = split_name(name, self._joins.custom_grains)
        whole = self._joins.whole_name(self._metrics, stem)
        return name if whole == stem else whole + name[len(stem) :]

    def shape(self, shape: Shape) -> Shape:
        """A calculation."""
        if isinstance(shape, MetricValue):
            return shape
        made = msgspec.structs.replace(shape, of=self.shape(shape.of))
        return msgspec.structs.replace(made, within=self.columns(made.within)) if isinstance(made, Share | Rank) else made

    def top(self, top: Top | None) -> Top | None:
        """A choice of groups."""
        return None if top is None else msgspec.structs.replace(top, of=self.columns(top.of), per=self.columns(top.per))

    def columns(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Names of group-by items of the query."""
        return tuple(map(self.column, names))

    def condition(self, expr: Expr | None) -> Expr | None:
        """A filter."""
        return None if expr is None else replace_leaves(expr, self._leaf)

    def _leaf(self, leaf: Expr) -> Expr:
        match leaf:
            case Field(kind="metric"):
                return leaf
            case Field(name=name, path=()):
                return msgspec.structs.replace(leaf, name=self._joins.whole_name(self._metrics, name))
            case Column(name=name, table=table):
                written = "__".join(part for part in (table, name) if part)
                whole = self.column(written)
                return leaf if whole == written else Column(whole)
            case _:
                return leaf
