"""Calculations over the groups of one view: each is an expression over values of metrics, by the view's own items or by fewer of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from app.errors import Problem, UserError, did_you_mean
from app.model.expr import Binary, Call, Column, Expr, Literal
from app.model.metrics import Window
from app.model.query import GroupBy
from app.model.shapes import MOST_PERIODS, Compared, MetricValue, Moving, Rank, Running, Shape, Share, Show, below, metric_of
from app.model.types import DataType
from app.plan.draft import Draft
from app.plan.rows import Valued
from app.plan.scans import Scans
from app.plan.shapes.additive import check_has_parts, is_stock
from app.plan.shapes.back import by_period, by_range, known_grain, known_window, longer, time_keys
from app.plan.shapes.cells import Cells, Finished
from app.plan.shapes.moving import Pending, averaged, fill_of, moving_key, with_rows
from app.plan.shapes.presence import shown
from app.plan.shapes.problems import MEANINGLESS, no_meaning
from app.plan.shapes.table import Table, join_groups, select
from app.plan.shapes.views import NOW, Look, View
from app.plan.timeline import Span
from app.sql.expressions.walk import fields, replace_leaves
from app.sql.joins.graph import METRIC_TIME

_ZERO = Literal(0, DataType.INTEGER)
_VALUE = "value"
MOST_NESTED, MOST_CHANGES = 8, 3
"""Calculations in one another, and changes among them: each change needs what stands below it twice."""
MOST_CELLS, MOST_STEPS = 100, 300
"""Values of metrics in one table, and steps of a plan: beyond that planning takes seconds, and engines refuse the length of the SQL."""


@dataclass(slots=True)
class Evaluation:
    """One table in the making. `present` leaves out a single row of nothing.

    Until the steps are made, values are columns of places: of a view, whose cells they are, or of a further table.
    """

    draft: Draft
    view: View
    valued: Valued
    present: bool = False
    _cells: dict[View, Cells] = field(default_factory=dict)
    _pending: list[Pending] = field(default_factory=list)

    def table(self, wanted: Mapping[str, Shape], name: str) -> Table:
        """The table with these values by name.

        Raises UserError DM3132 for a combination without a meaning, DM3133 where a time is missing, and what metrics raise.
        """
        return self._joined({column: self._now(shape) for column, shape in wanted.items()}, name)

    def as_far_as_it_goes(self, wanted: Mapping[str, Shape], name: str) -> Table | None:
        """The table of rows that stand for many: a value that has no meaning for them is left out. None where none has one."""
        exprs: dict[str, Expr] = {}
        for column, shape in wanted.items():
            try:
                exprs[column] = self._now(shape)
            except UserError as error:
                if error.problem.code not in MEANINGLESS:
                    raise
        return self._joined(exprs, name) if exprs else None

    def _now(self, shape: Shape) -> Expr:
        """A value; what the metric has now says which rows there are."""
        self._cell(metric_of(shape), NOW, self.view)
        return self._value(shape, NOW, self.view)

    def _cell(self, metric: str, look: Look, view: View, span: Span | None = None) -> Column:
        """The value of a metric by the items of a view."""
        cells = self._cells.setdefault(view, Cells(self.draft, view, self.valued))
        if sum(map(len, self._cells.values())) > MOST_CELLS or len(self.draft.steps) > MOST_STEPS:
            raise UserError(
                Problem("DM3112", "the query's calculations need too many steps", hint="ask for fewer of them, or nest them less")
            )
        return Column(cells.cell(metric, look, span)[0], _place(list(self._cells).index(view)))

    def _value(self, shape: Shape, look: Look, view: View) -> Expr:
        """A calculation as it is looked at."""
        match shape:
            case MetricValue(name=name):
                return self._cell(name, look, view)
            case Running(of=MetricValue(name=name), window=window, grain_to_date=to_date):
                if any(key.date_part for key in time_keys(name, self.view.keys, self.draft.graph)):
                    raise no_meaning("parts of dates do not follow one another", "group by a grain of time")
                return self._cell(name, look, view, Span(window, to_date))
            case Running():
                raise no_meaning("a running total is one of a metric", "compare the running total, not the other way round")
            case Compared():
                return self._compared(shape, look, view)
            case Share():
                return self._share(shape, look, view)
            case Moving():
                return self._moving(shape, look, view)
            case Rank():
                raise no_meaning("a rank is one among the rows that are shown", "rank what is calculated, not the other way round")

    def _compared(self, shape: Compared, look: Look, view: View) -> Expr:
        """An earlier value, or what has changed since."""
        then = self._value(shape.of, look.further(self._back(shape)), view)
        if shape.show is Show.VALUE:
            return then
        self._check_number(metric_of(shape), "compared")
        change = Binary("-", self._value(shape.of, look, view), then)
        return change if shape.show is Show.DIFFERENCE else Binary("/", change, Call("nullif", (Call("abs", (then,)), _ZERO)))

    def _back(self, shape: Compared) -> Window:
        """How far back. The table's own view decides, whatever a share is one of."""
        keys = time_keys(metric_of(shape), self.view.keys, self.draft.graph)
        if self.view.rest is not None and self.view.lumped_times:
            raise no_meaning("what is left of periods has no period before it")
        if any(not key.date_part for key in keys):
            return by_period(shape, keys, self.draft.graph)
        if any(named.name == METRIC_TIME for named in fields(self.view.where) if named.kind != "metric"):
            raise no_meaning("a filter on `metric_time` holds for the earlier time too", "give the range by `start_time` and `end_time`")
        return by_range(shape, self.view.time, self.draft.graph)

    def _share(self, shape: Share, look: Look, view: View) -> Expr:
        """A value by that of fewer items."""
        self._check_number(metric_of(shape), "shared")
        check_has_parts(metric_of(shape), self.draft.graph)
        lower: Shape | None = shape.of
        while lower is not None:
            if isinstance(lower, Share) or (isinstance(lower, Compared) and lower.show is not Show.VALUE):
                raise no_meaning("shares and changes are no parts of a total", "ask for the share, and compare that")
            lower = below(lower)
        whole = view.by(frozenset(shape.within))
        times = time_keys(metric_of(shape), view.keys, self.draft.graph)
        if is_stock(metric_of(shape), self.draft.graph) and not set(times) <= set(whole.keys):
            raise no_meaning(
                f"`{metric_of(shape)}` is a stock: what there was at one time is no part of what there was at another",
                "name the time in `within`",
            )
        return Binary("/", self._value(shape.of, look, view), self._value(shape.of, look, whole))

    def _moving(self, shape: Moving, look: Look, view: View) -> Expr:
        """The average over the last periods, which begin before the range does."""
        key = moving_key(metric_of(shape), view.keys, self.draft.graph)
        if shape.function == "average":
            self._check_number(metric_of(shape), "averaged")
        time = view.time
        if time is not None and time.start is not None:
            time = longer(time.start, time, key.grain, shape.periods - 1)
        inner = Evaluation(self.draft, replace(view, time=time), self.valued)
        made = inner._joined({_VALUE: inner._value(shape.of, look, inner.view)}, "each_period")
        times = tuple(one.column for one in time_keys(metric_of(shape), view.keys, self.draft.graph))
        self._pending.append(Pending(made, shape, key, times, fill_of(shape.of, self.draft.graph), view == self.view))
        return Column(_VALUE, _place(-len(self._pending)))

    def _shown(self, own: Finished, keys: tuple[str, ...]) -> Table:
        """The groups of the rows that are shown, each of which has a moving average, whether the metric has a value of its own there or not."""

        def make() -> Table:
            scans = Scans(self.draft)
            base, where = shown(self.draft, scans, own, self.view, self._times())
            return select(self.draft, scans, "rows_shown", Table("", keys, {}), base, {}, where)

        return self.draft.once(("rows shown", own.step), make)

    def _times(self) -> tuple[GroupBy, ...]:
        """The items that are the time of each metric that was compared."""
        metrics = self._cells[self.view].compared
        found = [time_keys(metric, self.view.keys, self.draft.graph) for metric in metrics]
        return tuple(key for key in self.view.keys if found and all(key in times for times in found))

    def _check_number(self, metric: str, done: str) -> None:
        """Pass a metric that is a number. Raises UserError DM3108."""
        cells = self._cells.setdefault(self.view, Cells(self.draft, self.view, self.valued))
        kind = cells.cell(metric)[1]
        if kind.is_temporal or kind in (DataType.TEXT, DataType.BOOLEAN):
            raise UserError(Problem("DM3108", f"metric `{metric}`: what is of type {kind} can't be {done}"))

    def _joined(self, exprs: Mapping[str, Expr], name: str) -> Table:
        """The values of all places side by side, in the rows of the table's own view."""
        finished = {view: cells.finish(marked=self.present and view == self.view) for view, cells in self._cells.items() if len(cells)}
        own = finished.get(self.view)
        keys = tuple(key.column for key in self.view.keys)
        scans = Scans(self.draft)
        if own is None:  # a moving average alone: its own periods are the rows
            tables = [averaged(self.draft, one) for one in self._pending]
            base, where = scans.step(tables[0].step), None
            places = {_place(-1): (base, tables[0].columns)}
        else:
            tables = [averaged(self.draft, with_rows(self.draft, one, self._shown(own, keys))) for one in self._pending]
            base, where = shown(self.draft, scans, own, self.view, self._times())
            places = {_place(list(self._cells).index(self.view)): (base, own.columns)}
        for number, view in enumerate(self._cells):
            if view in finished and view != self.view:
                alias = scans.step(finished[view].step)
                join_groups(scans, base, alias, [key.column for key in view.keys])
                places[_place(number)] = alias, finished[view].columns
        for number, table in enumerate(tables, start=1):
            if _place(-number) not in places:
                alias = scans.step(table.step)
                join_groups(scans, base, alias, table.keys)
                places[_place(-number)] = alias, table.columns

        def placed(leaf: Expr) -> Expr:
            if not isinstance(leaf, Column):
                return leaf
            alias, columns = places[leaf.table]
            return scans.column(alias, columns[leaf.name])

        made = {column: replace_leaves(expr, placed) for column, expr in exprs.items()}
        return select(self.draft, scans, name, Table("", keys, {}), base, made, where)


def _place(number: int) -> str:
    return str(number)


def resolved(shape: Shape, keys: tuple[GroupBy, ...], draft: Draft) -> Shape:
    """The calculation with each comparison's way back written out, as the query's own items have it: rows that stand for many go back as far."""
    lower = below(shape)
    if lower is None or isinstance(shape, MetricValue):
        return shape
    metric = metric_of(shape)
    if metric not in draft.graph.metrics:
        hint = did_you_mean(metric, [name for name, found in draft.graph.metrics.items() if not found.hidden])
        raise UserError(Problem("DM3001", f"there is no metric `{metric}`", hint=hint))
    made = sound(_of(shape, resolved(lower, keys, draft)), draft)
    if not isinstance(made, Compared):
        return made
    times = time_keys(metric, keys, draft.graph)
    if not any(not key.date_part for key in times):
        return made
    return Compared(made.of, by_period(made, times, draft.graph), made.show)


def sound(shape: Shape, draft: Draft) -> Shape:
    """The calculation with grains that there are. Trees may come in as such, and hold what no text could say. Raises UserError DM3006, DM3132, DM3112."""
    depth, changes, lower = 0, 0, below(shape)
    while lower is not None:
        depth += 1
        changes += isinstance(lower, Compared) and lower.show is not Show.VALUE
        lower = below(lower)
    if depth > MOST_NESTED or changes > MOST_CHANGES:
        raise UserError(
            Problem("DM3112", "the query's calculations are nested too deeply in one another", hint="name fewer of them at once")
        )
    match shape:
        case Moving(periods=periods, function=function):
            if not 1 <= periods <= MOST_PERIODS or function not in ("average", "min", "max"):
                raise no_meaning(f"a moving {function} of {periods} periods", f"`average`, `min` or `max` of 1 to {MOST_PERIODS} periods")
        case Running(window=window, grain_to_date=grain):
            window = known_window(window, draft.graph) if window is not None else None
            return Running(shape.of, window, known_grain(grain, draft.graph))
        case Compared(back=back) if back is not None:
            return msgspec.structs.replace(shape, back=known_window(back, draft.graph))
    return shape


def _of(shape: Compared | Share | Running | Moving | Rank, lower: Shape) -> Shape:
    """The calculation of something else."""
    return msgspec.structs.replace(shape, of=lower)
