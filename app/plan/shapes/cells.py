"""The values of metrics that one table needs, side by side: each as it is now, as it was earlier, accumulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.model.expr import Case, Column, Expr, IsNull, Or
from app.model.metrics import Window
from app.model.plan import Combine, Named
from app.model.query import TimeRange
from app.model.types import DataType
from app.plan.draft import Draft, clipped
from app.plan.leaves import Asked
from app.plan.marks import ONE
from app.plan.metrics import MetricCompiler
from app.plan.own_time import at_own_time, since
from app.plan.rows import Valued
from app.plan.shapes.back import earlier, shown_periods, time_keys
from app.plan.shapes.views import NOW, Look, View
from app.plan.steps import Steps
from app.plan.timeline import Offset, Span
from app.sql.expressions.infer import infer
from app.sql.expressions.walk import conjunction

_Cell = tuple[str, Look, Span | None]
_Which = Callable[[Look, Span | None], bool]


@dataclass(frozen=True, slots=True)
class _Held:
    """A value: its column, its expression over the columns of steps, these steps, and the names of those on which it stands."""

    name: str
    expr: Expr
    steps: Steps
    read: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finished:
    """A step with the values: where each cell is, and the columns that tell rows which the metrics have now, or had earlier, from others ("" where all are of now)."""

    step: str
    columns: dict[str, str]
    here: str = ""
    before: str = ""


class Cells:
    """Collects values of metrics by the group-by items of one view; `finish` puts them side by side in one step."""

    def __init__(self, draft: Draft, view: View, valued: Valued) -> None:
        self.draft, self.view, self._valued = draft, view, valued
        self._steps: dict[Asked, Steps] = {}
        self._compilers: dict[tuple[Asked, Span | None, bool], MetricCompiler] = {}
        self._cells: dict[_Cell, _Held] = {}
        self._named: set[str] = {key.column for key in view.keys}

    def cell(self, metric: str, look: Look = NOW, span: Span | None = None) -> tuple[str, DataType]:
        """The name of a metric's value, and its type. Raises what the compilation of metrics raises."""
        known = self._cells.get((metric, look, span))
        if known is None:
            time, offsets, periods = self._placed(metric, look)
            asked = Asked(self.view.keys, conjunction(self._where(look, span), periods), time)
            steps = self._steps.get(asked)
            if steps is None:
                steps = self._steps[asked] = Steps(self.draft, asked, self._valued)
            of_rows = span is not None or bool(offsets)  # what the metric was then is its value by its own filters then
            compiler = self._compilers.get((asked, span, of_rows))
            if compiler is None:
                compiler = self._compilers[asked, span, of_rows] = MetricCompiler(steps, several=True, span=span, of_rows=of_rows)
            expr = compiler.compile(metric, offsets=offsets)
            read = compiler.read_by(metric, offsets)
            known = self._cells[metric, look, span] = _Held(self._name(metric, look, span), expr, steps, read)
        return known.name, infer(known.expr, known.steps.type_of)

    def __len__(self) -> int:
        return len(self._cells)

    @property
    def compared(self) -> tuple[str, ...]:
        """The metrics that are looked at earlier too."""
        return tuple(dict.fromkeys(metric for metric, look, _ in self._cells if look != NOW))

    def finish(self, *, marked: bool = False) -> Finished:
        """Make the steps; what they give is one row for each combination of the group-by items that any of them has.

        `marked` rows tell that there are rows under them.
        """
        parts: dict[str, None] = {}
        now = self._read_by(lambda look, span: look == NOW and span is None)
        then = self._read_by(lambda look, _: look != NOW) - now
        others = self._read_by(lambda _look, span: span is not None) - now
        told = bool(now) and (marked or bool(then or others))
        marks = {name: steps.present(name) for name, steps in self._owners().items()} if told else {}
        for steps in self._steps.values():
            parts.update(dict.fromkeys(steps.finish()))
        first = next(iter(parts))
        cells = {cell.name: cell.expr for cell in self._cells.values()}
        if not told and len(parts) == 1 and all(isinstance(expr, Column) for expr in cells.values()):
            return Finished(first, {name: expr.name for name, expr in cells.items() if isinstance(expr, Column)})
        kinds = {name: infer(expr, lambda column: self.draft.type_of(column.table, column.name)) for name, expr in cells.items()}
        held = [Named(name, expr, kinds[name]) for name, expr in cells.items()]
        here, before = (self._named_as("is_here"), self._named_as("was_there") if then else "") if told else ("", "")
        held += [Named(here, _any(marks, now), DataType.INTEGER)] if here else []
        held += [Named(before, _any(marks, then), DataType.INTEGER)] if before else []
        keys = tuple(Named(key.column, Column(key.column), self.draft.type_of(first, key.column)) for key in self.view.keys)
        step = self.draft.add(Combine(self.draft.name("side_by_side"), tuple(parts), keys, tuple(held)))
        return Finished(step, {name: name for name in cells}, here, before)

    def _where(self, look: Look, span: Span | None) -> Expr | None:
        """The filter. What is accumulated is so over the rows that the query looks at: filters on time choose rows, and a running total begins with the range."""
        if span is None:
            return conjunction(self.view.where, self.view.rest)
        begun = earlier(self.view.asked, look.back) if span == Span() else None
        return conjunction(at_own_time(self.view.where), since(begun) if begun is not None else None, self.view.rest)

    def _placed(self, metric: str, look: Look) -> tuple[TimeRange | None, tuple[Offset, ...], Expr | None]:
        """An earlier value by the range, the offsets and the further filter that it has.

        Where nothing is grouped by time, the range itself is earlier. Else it says which periods are shown, and a range in a query would cut what is
        accumulated before the period that is looked back at as well: it is a filter on the periods.
        """
        if not look.back:
            return self.view.time, (), None
        keys = [key for key in time_keys(metric, self.view.keys, self.draft.graph) if not key.date_part]
        if not keys:
            return earlier(self.view.time, look.back), (), None
        return None, tuple(Offset(window) for window in look.back), shown_periods(self.view.time, keys, self.draft.graph.custom_grains)

    def _name(self, metric: str, look: Look, span: Span | None) -> str:
        """A column for a value."""
        accumulated = "_so_far" if span is not None else ""
        return self._named_as(f"{metric}{accumulated}{''.join(map(_ago, look.back))}")

    def _named_as(self, wanted: str) -> str:
        """The name, numbered where it is taken."""
        wanted = clipped(wanted)
        name, number = wanted, 2
        while name in self._named:
            name, number = f"{wanted}_{number}", number + 1
        self._named.add(name)
        return name

    def _read_by(self, which: _Which) -> set[str]:
        """The steps on which values of some kind stand."""
        return {step for (_, look, span), cell in self._cells.items() if which(look, span) for step in cell.read}

    def _owners(self) -> dict[str, Steps]:
        """Each step that is read, with the steps among which it is."""
        return {step: cell.steps for cell in self._cells.values() for step in cell.read}


def _any(marks: dict[str, Column], steps: set[str]) -> Expr:
    """1 where one of the steps has the row."""
    present = tuple(IsNull(marks[name], negated=True) for name in sorted(steps))
    return Case(((present[0] if len(present) == 1 else Or(present), ONE),))


def _ago(window: Window) -> str:
    return f"_{window.count}_{window.grain}_ago"
