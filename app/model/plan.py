"""LogicalPlan: what is computed for a query, in relational terms and for no engine in particular.

A plan is a tuple of steps, each of which gives one row per combination of the keys, and an output that joins the steps on the keys (nulls meet
nulls), computes the columns, filters, orders and limits. A metric type that computes otherwise adds a kind of step; the output stays as it is.
"""

from __future__ import annotations

from typing import TypeAlias

from app.model.base import Node
from app.model.expr import Expr
from app.model.types import Aggregation, DataType


class Source(Node, frozen=True):
    """A dbt model read under an alias. `columns` are those that the plan reads, with their types, sorted by name; none is read otherwise."""

    model: str
    alias: str
    columns: tuple[tuple[str, DataType], ...] = ()


class JoinTo(Node, frozen=True):
    """A left outer join to `source` where every pair of expressions (left side, right side) is equal; a full outer one where `full`.

    The right side has at most one row per value: it is a primary or unique entity. `entity` says which.
    """

    source: Source
    on: tuple[tuple[Expr, Expr], ...]
    entity: str = ""
    full: bool = False


class Rows(Node, frozen=True):
    """Rows of one source, widened by joins that never repeat them, then filtered. Columns name their source's alias."""

    base: Source
    joins: tuple[JoinTo, ...] = ()
    where: Expr | None = None


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


class Aggregate(Node, frozen=True, tag_field="node", tag="aggregate"):
    """One row per combination of `keys` among `rows`, with the aggregated values; without keys exactly one row, without values the distinct keys."""

    name: str
    rows: Rows
    keys: tuple[Named, ...] = ()
    values: tuple[Aggregated, ...] = ()


Step: TypeAlias = Aggregate


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


class LogicalPlan(Node, frozen=True):
    """What is computed. `keys` are the group-by columns in the order asked for; `having` is over columns of steps, as outputs are."""

    steps: tuple[Step, ...]
    keys: tuple[str, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    having: Expr | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The dbt models read, sorted by name."""
        return tuple(sorted({source.model for step in self.steps for source in sources(step)}))

    @property
    def aggregates(self) -> bool:
        """Whether anything is aggregated, or only distinct values are listed."""
        return any(step.values for step in self.steps)


def sources(step: Step) -> tuple[Source, ...]:
    """The sources that a step reads, the base first."""
    return (step.rows.base, *(join.source for join in step.rows.joins))
