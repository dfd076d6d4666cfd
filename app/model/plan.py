"""LogicalPlan: what is computed for a query, in relational terms and for no engine in particular.

A plan is a tuple of steps, each of which reads dbt models and steps before it, and an output that joins its `parts` on the keys (nulls meet nulls),
computes the columns, filters, orders and limits. Four kinds of step are enough for everything: rows aggregated, rows as they are (with window
functions), steps put side by side, and rows of several steps one under the other.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from app.model.base import Node
from app.model.expr import Expr
from app.model.types import Aggregation, DataType


class Scan(Node, frozen=True):
    """A dbt model, or an earlier step, read under an alias. `columns` are those that the plan reads, with their types, sorted by name."""

    alias: str
    model: str = ""
    step: str = ""
    columns: tuple[tuple[str, DataType], ...] = ()


class JoinKind(StrEnum):
    """How a join treats rows without a partner: LEFT keeps those of the left side, FULL those of both, INNER none; CROSS pairs all with all."""

    LEFT = "left"
    FULL = "full"
    INNER = "inner"
    CROSS = "cross"


class JoinTo(Node, frozen=True):
    """A join to `scan` where every condition of `on` holds.

    LEFT and FULL never repeat a row of the left side: `entity` is the primary or unique entity through which they go (or the key of the step
    or time spine that is read). INNER and CROSS are meant to repeat rows: for each moment of a time spine, for each base event that a conversion may be credited to.
    """

    scan: Scan
    on: tuple[Expr, ...] = ()
    kind: JoinKind = JoinKind.LEFT
    entity: str = ""


class Rows(Node, frozen=True):
    """Rows of one scan, joined, then filtered. Columns name their scan's alias."""

    base: Scan
    joins: tuple[JoinTo, ...] = ()
    where: Expr | None = None

    @property
    def scans(self) -> tuple[Scan, ...]:
        """What is read, the base first."""
        return (self.base, *(join.scan for join in self.joins))


class Named(Node, frozen=True):
    """An expression under a name, with the family of its type."""

    name: str
    expr: Expr
    type: DataType = DataType.OTHER


class Aggregated(Node, frozen=True):
    """A measure's aggregation under a name; the fields are the measure's. `of` is the type of what is aggregated, `type` of the result."""

    name: str
    agg: Aggregation
    expr: Expr
    of: DataType = DataType.OTHER
    type: DataType = DataType.OTHER
    percentile: float | None = None
    discrete: bool = False
    approximate: bool = False


class Windowed(Node, frozen=True):
    """A window function over the rows that agree in `by`, under a name.

    `function` is sum, count, max or min (of `arg`), lead (`arg` of the next row), row_number, rank or dense_rank. `order` puts the rows in order, each
    item with whether it descends; with it sums and the like are over the rows so far, or with `frame` over those whose whole number in the order is
    at most so much less than the row's.
    """

    name: str
    function: str
    by: tuple[Expr, ...] = ()
    arg: Expr | None = None
    order: tuple[tuple[Expr, bool], ...] = ()
    type: DataType = DataType.OTHER
    frame: int | None = None


class Aggregate(Node, frozen=True, tag_field="node", tag="aggregate"):
    """One row per combination of `keys` among `rows`, with the aggregated values; without keys exactly one row, without values the distinct keys."""

    name: str
    rows: Rows
    keys: tuple[Named, ...] = ()
    values: tuple[Aggregated, ...] = ()


class Select(Node, frozen=True, tag_field="node", tag="select"):
    """The rows as they are, under names: `keys` are those of them by which steps are joined, `columns` the rest, `windows` are over all of them."""

    name: str
    rows: Rows
    keys: tuple[Named, ...] = ()
    columns: tuple[Named, ...] = ()
    windows: tuple[Windowed, ...] = ()


class Combine(Node, frozen=True, tag_field="node", tag="combine"):
    """Steps that have the same keys, side by side: one row per combination that any of them has, with `columns` over their values."""

    name: str
    parts: tuple[str, ...]
    keys: tuple[Named, ...] = ()
    columns: tuple[Named, ...] = ()


class Union(Node, frozen=True, tag_field="node", tag="union"):
    """The rows of several steps one under the other. All have the same keys and columns, in the same order; repeated rows stay."""

    name: str
    parts: tuple[Select, ...]

    @property
    def keys(self) -> tuple[Named, ...]:
        """Those of the first part, which the others have too."""
        return self.parts[0].keys


Step: TypeAlias = Aggregate | Select | Combine | Union


class OutputColumn(Node, frozen=True):
    """A column of the result: `expr` is over columns of steps (`Column(value, table=step)`); a key's is named alike in every step."""

    name: str
    expr: Expr
    type: DataType = DataType.OTHER
    metric: bool = False


class Order(Node, frozen=True):
    """One order item over result columns or metrics; nulls last."""

    expr: Expr
    descending: bool = False
    column: str = ""
    """The result column that `expr` is, "" where it is none of them."""


class LogicalPlan(Node, frozen=True, dict=True):
    """What is computed. `parts` are the steps that the output joins, by name; the other steps are read by them.

    `keys` are the group-by columns in the order asked for; `having` is over columns of steps, as outputs are.
    """

    steps: tuple[Step, ...]
    parts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    having: Expr | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The dbt models read, sorted by name."""
        return tuple(sorted({scan.model for step in self.steps for scan in scans(step) if scan.model}))

    @property
    def aggregates(self) -> bool:
        """Whether anything is aggregated, or only values are listed."""
        return any(isinstance(step, Aggregate) and step.values for step in self.steps)


def scans(step: Step) -> tuple[Scan, ...]:
    """What a step reads, the base first; a Combine reads its parts, a Union what its parts read."""
    if isinstance(step, Combine):
        return tuple(Scan(part, step=part) for part in step.parts)
    if isinstance(step, Union):
        return tuple(scan for part in step.parts for scan in part.rows.scans)
    return step.rows.scans


def values(step: Step) -> tuple[tuple[str, DataType], ...]:
    """The columns of a step beside its keys, with their types."""
    match step:
        case Aggregate(values=aggregated):
            return tuple((value.name, value.type) for value in aggregated)
        case Select(columns=columns, windows=windows):
            return (*((c.name, c.type) for c in columns), *((w.name, w.type) for w in windows))
        case Combine(columns=columns):
            return tuple((c.name, c.type) for c in columns)
        case Union(parts=parts):
            return values(parts[0])
