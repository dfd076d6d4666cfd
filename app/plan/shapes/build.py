"""A shaped query → its plan: values by group, filtered, ranked, cut to the first groups, with the rest and the totals below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from app.errors import Problem, UserError
from app.model.expr import Column, Expr
from app.model.plan import LogicalPlan, OutputColumn
from app.model.query import GroupBy, SemanticQuery
from app.model.shapes import Calculation, Grouping, Rank, Shape, Share, Totals, below
from app.plan.draft import Draft
from app.plan.problems import at
from app.plan.ranges import widened
from app.plan.shapes.evaluate import Evaluation, resolved
from app.plan.shapes.held import Held
from app.plan.shapes.names import Names
from app.plan.shapes.ordering import OTHER, ordered
from app.plan.shapes.problems import no_meaning
from app.plan.shapes.ranks import among, filtered, placed, ranked
from app.plan.shapes.stack import Level, grouping_column, stacked
from app.plan.shapes.table import Table, type_in
from app.plan.shapes.to_date import TO_DATE, check_to_date
from app.plan.shapes.top import Chosen, chosen, marked, times_of
from app.plan.shapes.views import View
from app.sql.expressions.walk import columns, conjunction


def shaped(query: SemanticQuery, where: Expr | None, asked: Mapping[str, GroupBy], draft: Draft) -> LogicalPlan:
    """The plan. `where` is the query's filter with its grains settled, `asked` its group-by items by the names under which they were asked for.

    Raises UserError DM3130…DM3134 and what metrics raise.
    """
    if not query.asked_metrics:
        raise UserError(Problem("DM3132", "without a metric there is nothing to calculate with", hint="name a metric"))
    return _Shaped(query, where, asked, draft).plan()


class _Shaped:
    """One query's shapes."""

    def __init__(self, query: SemanticQuery, where: Expr | None, asked: Mapping[str, GroupBy], draft: Draft) -> None:
        self.query, self.draft, self.graph = query, draft, draft.graph
        self.keys = tuple(dict.fromkeys(asked.values()))
        self.names = Names(query, asked, self._calculations(asked), self.graph)
        grain = None
        if query.to_date:
            with at("to_date"):
                grain = check_to_date(query.to_date, query.asked_metrics, query.calculations, self.graph)
            if query.as_of is None:
                raise UserError(Problem("DM3133", "`to_date` needs the day that it counts to", hint="give `as_of`"))
        time = widened(query.time, query.asked_metrics, self.graph)
        self.held = Held(draft, grain, query.as_of)
        self.view = View(self.keys, conjunction(where, TO_DATE if grain else None), time, until=query.as_of if grain else None, asked=time)
        self.having = self.names.condition(query.having)
        self.order = tuple(self._order(number) for number in range(len(query.order_by)))
        self.top = chosen(query, self.names, self.keys, self.graph)
        self.values: dict[str, Shape] = {name: shape for name, shape in self.names.values.items() if not isinstance(shape, Rank)}
        self.ranks = {name: (self._ranked(shape), shape) for name, shape in self.names.values.items() if isinstance(shape, Rank)}
        if self.having is not None and any(column.name in self.ranks for column in columns(self.having)):
            raise no_meaning("`having` holds before rows are ranked", "take the first rows by `top`")

    def plan(self) -> LogicalPlan:
        """The whole query."""
        whole = self._table(self.view, "by_group")
        shown = ranked(self.draft, filtered(self.draft, whole, self.having), self.ranks)
        levels = [Level(shown)]
        told: tuple[str, ...] = ()
        if self.top is not None:
            first = self._first(self.top, shown)
            levels[0] = Level(first if self._is_whole(self.top) else among(self.draft, shown, first))
            if self.top.other:
                told = tuple(key.column for key in self.top.of)
                levels += self._rest(self.top, first)
        totals = self._totals()
        if totals:
            told = tuple(key.column for key in self.keys)
        limit = self.query.limit
        if (totals or told) and limit is not None:
            items = [item for item in self._asked_order() if not item[0].startswith(OTHER)]
            levels[0] = Level(placed(self.draft, levels[0].table, items, (), limit, "first_rows"))
            limit = None
        taken = next((key for key in told if grouping_column(key) in self.names.values), "")
        if taken:
            hint = "give the calculation another name"
            raise UserError(Problem("DM3025", f"two columns of the result would be named `{grouping_column(taken)}`", hint=hint))
        table = levels[0].table
        if told:
            shown_values = [name for name in self.names.values if name in table.columns]
            table = stacked(self.draft, [*levels, *totals], [key.column for key in self.keys], told, shown_values)
        return self._output(table, told, limit)

    def _table(self, view: View, name: str) -> Table:
        """The values by the items of a view."""
        return Evaluation(self.draft, view, self.held.value).table(self.values, name)

    def _calculations(self, asked: Mapping[str, GroupBy]) -> tuple[Calculation, ...]:
        """The calculations with names of items settled, and with how far each comparison goes back."""
        columns = {key.column: key.column for key in asked.values()}
        for name, key in asked.items():
            columns.setdefault(name, key.column)
            columns.setdefault("__".join((*key.path, key.name)), key.column)
        made = []
        for number, one in enumerate(self.query.calculations):
            with at(f"calculations[{number}]"):
                made.append(Calculation(one.name, _within(resolved(one.shape, self.keys, self.draft), columns)))
        return tuple(made)

    def _ranked(self, rank: Rank) -> str:
        """The column that a rank is by; one of its own where no value of the query is the same."""
        for name, shape in self.values.items():
            if shape == rank.of:
                return name
        name, number = "ranked_by", 2
        while name in self.names.values or name in self.values:
            name, number = f"ranked_by_{number}", number + 1
        self.values[name] = rank.of
        return name

    def _order(self, number: int) -> tuple[str, bool]:
        item = self.query.order_by[number]
        key = self.names.keys.get(item.name)
        return (key.column if key is not None else self.names.value(item.name, f"order_by[{number}]")), item.descending

    def _is_whole(self, top: Chosen) -> bool:
        """Whether the groups that are chosen among are the query's own rows."""
        return set(top.keys) == set(self.keys)

    def _first(self, top: Chosen, shown: Table) -> Table:
        """The chosen groups."""
        per, by = [key.column for key in top.per], [(top.by, top.descending)]
        if self._is_whole(top):
            return placed(self.draft, shown, by, per, top.count, "first")
        if self.having is not None:
            raise no_meaning(
                "`having` speaks of rows, and groups of them are chosen", "choose among the rows: name all items in `of` and `per`"
            )
        view = replace(self.view, keys=tuple(key for key in self.keys if key in top.keys))
        made = Evaluation(self.draft, view, self.held.value).table({top.by: self.values[top.by]}, "groups")
        return placed(self.draft, made, by, per, top.count, "first")

    def _rest(self, top: Chosen, first: Table) -> list[Level]:
        """What is left beside the chosen groups, computed from its own rows."""
        step, mark = marked(self.draft, first)
        keys = [key for key in self.keys if key in top.keys]
        left = tuple(key for key in self.keys if key not in top.of)
        view = replace(self.view, keys=left, rest=self.held.not_among(step, mark, keys), lumped=frozenset(key.column for key in top.of))
        view = replace(view, lumped_times=bool(times_of(self.query, top.of, self.graph)))
        made = Evaluation(self.draft, view, self.held.value, present=True).as_far_as_it_goes(self.values, "the_rest")
        return [Level(made, Grouping.OTHER)] if made is not None else []

    def _totals(self) -> list[Level]:
        """The total of all, and those of each leading part of the group-by items, the longest first. What having, top and limit leave out is in them."""
        if not self.query.totals or not self.keys:
            return []
        lengths = range(len(self.keys) - 1, -1, -1) if self.query.totals is Totals.ALL else range(1)
        made = []
        for length in lengths:
            view = replace(self.view, keys=self.keys[:length])
            table = Evaluation(self.draft, view, self.held.value).as_far_as_it_goes(self.values, "total" if not length else "subtotals")
            made += [Level(table, Grouping.TOTAL)] if table is not None else []
        return made

    def _asked_order(self) -> tuple[tuple[str, bool], ...]:
        """The query's order, else that of its first groups."""
        if self.top is None:
            return self.order
        rest = tuple((f"{OTHER}{key.column}", False) for key in self.top.of[:1]) if self.top.other else ()
        if self.order:
            return (*rest, *self.order)
        times = tuple(key for key in times_of(self.query, self.keys, self.graph) if key not in (*self.top.of, *self.top.per))
        return (*((key.column, False) for key in (*self.top.per, *times)), *rest, (self.top.by, self.top.descending))

    def _output(self, table: Table, told: tuple[str, ...], limit: int | None) -> LogicalPlan:
        """The result: items, each with what it stands for where that may be more than a value, then metrics and calculations."""
        shown: list[OutputColumn] = []
        for key in self.keys:
            shown.append(OutputColumn(key.column, Column(key.column), type_in(self.draft, table, key.column)))
            if key.column in told:
                name = grouping_column(key.column)
                shown.append(OutputColumn(name, Column(name, table.step), type_in(self.draft, table, name)))
        shown += [
            OutputColumn(n, Column(table.columns[n], table.step), type_in(self.draft, table, n), metric=True) for n in self.names.shown
        ]
        columns = tuple(key.column for key in self.keys)
        nested = self.query.totals is Totals.ALL and not self._asked_order()
        order = ordered(table, columns, told, self._asked_order(), {column.name for column in shown}, nested=nested)
        return LogicalPlan(self.draft.steps, (table.step,), columns, tuple(shown), None, order, limit)


def _within(shape: Shape, columns: Mapping[str, str]) -> Shape:
    """The calculation with the items that it names by their columns. Raises UserError DM3131."""
    lower = below(shape)
    if lower is None:
        return shape
    made = msgspec.structs.replace(shape, of=_within(lower, columns))
    if not isinstance(made, Share | Rank):
        return made
    for name in made.within:
        if name not in columns:
            known = ", ".join(sorted(set(columns.values())))
            raise UserError(
                Problem("DM3131", f"`{name}` is none of the query's group-by items", hint=f"the items are {known}" if known else "")
            )
    return msgspec.structs.replace(made, within=tuple(columns[name] for name in made.within))
