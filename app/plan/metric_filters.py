"""Filters by a metric: `{{ Metric('bookings', group_by=['listing']) }} > 2` keeps the rows whose listing has more than two bookings."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import Binary, Column, Expr, Field
from app.model.plan import Combine, JoinKind, Named
from app.model.query import GroupBy
from app.plan.draft import Draft
from app.plan.grains import settled_item
from app.plan.hints import GROUPED, meant
from app.plan.leaves import Asked
from app.plan.metrics import MetricCompiler
from app.plan.rows import RowsBuilder
from app.plan.steps import Steps
from app.sql.expressions.infer import infer
from app.sql.expressions.parts import about


class MetricFilters:
    """Metrics by which rows are filtered, each computed once per query, for all rows there are: no filter of the query holds for it."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._under_way: list[str] = []

    def value(self, rows: RowsBuilder, field: Field) -> Expr:
        """The metric's value for each of the rows, joined by its group-by items; NULL where there is none.

        Raises UserError DM3001 (unknown), DM3008 (the metric is filtered by itself), DM3016 (without a group-by), DM3002…DM3005 (items).
        """
        if not field.group_by:
            raise UserError(
                Problem(
                    "DM3016",
                    f"`Metric('{field.name}')` needs a `group_by`",
                    hint="name the entity whose rows are meant: `group_by=['customer']`",
                )
            )
        step, column, keys = self._draft.once((field.name, field.group_by), lambda: self._made(field))
        alias = rows.scans.step(step)
        mine = []
        for key in keys:
            with about(field, key.name.rpartition("__")[2]):
                mine.append(self._mine(rows, key))
        on = tuple(Binary("=", own, rows.scans.column(alias, key.column)) for own, key in zip(mine, keys, strict=True))
        rows.scans.join(alias, on, JoinKind.FULL if rows.full else JoinKind.LEFT, ", ".join(field.group_by))
        return rows.scans.column(alias, column)

    def _mine(self, rows: RowsBuilder, key: GroupBy) -> Expr:
        """A group-by item of the metric as the filtered rows have it: by the same name, else by its last part where a join leads there."""
        try:
            return rows.reference(Field(key.name, "", key.path, key.grain, key.date_part))
        except UserError:
            last = key.name.rpartition("__")[2]
            if last == key.name:
                raise
            return rows.reference(Field(last, "", (), key.grain, key.date_part))

    def _item(self, field: Field, item: str) -> GroupBy:
        """An item by which the metric is grouped, its name and grain settled."""
        graph = self._draft.graph
        with about(field, item), meant(item, graph, GROUPED):
            return settled_item(graph.group_by(item), (field.name,), graph)

    def _made(self, field: Field) -> tuple[str, str, tuple[GroupBy, ...]]:
        """The step with the metric by its items, the column of its value, and the items."""
        if field.name in self._under_way:
            raise UserError(Problem("DM3008", f"metric `{field.name}` is filtered by itself: {' → '.join((*self._under_way, field.name))}"))
        self._under_way.append(field.name)
        graph = self._draft.graph
        graph.inputs(field.name)  # raises where there is no such metric, before its items are looked at
        keys = tuple(dict.fromkeys(self._item(field, item) for item in field.group_by))
        suffix = f"_by_{'_and_'.join(field.group_by)}"
        steps = Steps(self._draft, Asked(keys), self.value, suffix=suffix)
        value = MetricCompiler(steps).compile(field.name)
        if steps.several:
            value = MetricCompiler(steps, several=True).compile(field.name)
        parts = steps.finish()
        self._under_way.pop()
        if len(parts) == 1 and isinstance(value, Column):
            return parts[0], value.name, keys
        named = tuple(Named(key.column, Column(key.column), self._draft.type_of(parts[0], key.column)) for key in keys)
        kind = infer(value, lambda column: self._draft.type_of(column.table, column.name))
        name = self._draft.beside_models(f"{field.name}{suffix}")
        self._draft.add(Combine(name, parts, named, (Named(field.name, value, kind),)))
        return name, field.name, keys
