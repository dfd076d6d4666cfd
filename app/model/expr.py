"""Expressions: one small engine-free tree for measure and dimension `expr`, filters, policies and derived metrics.

`sql/` parses text into these nodes by a closed grammar and spells them for each engine; what the grammar does not know is a Problem.
Trees are shared between threads and layers: nothing mutates them.
"""

from __future__ import annotations

from typing import TypeAlias

from app.model.base import Node
from app.model.types import DataType, DatePart, Grain


class Literal(Node, frozen=True, tag_field="node", tag="literal"):
    """A constant. Decimals, floats, dates and timestamps are held as text, so that no digit is lost; `type` says which it is."""

    value: str | int | bool | None
    type: DataType


class Column(Node, frozen=True, tag_field="node", tag="column"):
    """A column of the model in whose scope the expression stands, or of the relation that bears the alias `table`."""

    name: str
    table: str = ""


class Field(Node, frozen=True, tag_field="node", tag="field"):
    """A semantic reference: a dimension, entity, time dimension or metric, as `{{ Dimension('customer__country') }}` names it.

    `name` is the dunder name without grain (`customer__country`, `metric_time`); `path` is dbt's `entity_path`;
    `group_by` belongs to `Metric(name, group_by=[…])` alone; `kind` is dimension, time_dimension, entity or metric.
    """

    name: str
    kind: str = "dimension"
    path: tuple[str, ...] = ()
    grain: str = ""
    date_part: DatePart | None = None
    group_by: tuple[str, ...] = ()


class Attribute(Node, frozen=True, tag_field="node", tag="attribute"):
    """An attribute of the asking user (`user.region`), in a policy predicate only; always sent as a bound parameter."""

    name: str


class Parameter(Node, frozen=True, tag_field="node", tag="parameter"):
    """A value bound at execution under `name`; the value travels beside the SQL, never in it."""

    name: str
    type: DataType


class Call(Node, frozen=True, tag_field="node", tag="call"):
    """A function of the portable catalogue (`sql/functions`), by its portable name."""

    name: str
    args: tuple[Expr, ...] = ()
    distinct: bool = False


COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
"""The operators of `Binary` that give a truth value."""


class Binary(Node, frozen=True, tag_field="node", tag="binary"):
    """Arithmetic (`+ - * / %`), concatenation (`||`) or comparison (`= <> < <= > >=`). `/` never truncates, on any engine."""

    op: str
    left: Expr
    right: Expr


class And(Node, frozen=True, tag_field="node", tag="and"):
    """All of the conditions hold; of none: true."""

    args: tuple[Expr, ...]


class Or(Node, frozen=True, tag_field="node", tag="or"):
    """One of the conditions holds; of none: false."""

    args: tuple[Expr, ...]


class Not(Node, frozen=True, tag_field="node", tag="not"):
    """The condition does not hold (SQL's three-valued logic)."""

    arg: Expr


class Negate(Node, frozen=True, tag_field="node", tag="negate"):
    """Unary minus."""

    arg: Expr


class In(Node, frozen=True, tag_field="node", tag="in"):
    """`arg IN (options)`; options are expressions, never a subquery."""

    arg: Expr
    options: tuple[Expr, ...]
    negated: bool = False


class Between(Node, frozen=True, tag_field="node", tag="between"):
    """`low <= arg AND arg <= high`."""

    arg: Expr
    low: Expr
    high: Expr
    negated: bool = False


class IsNull(Node, frozen=True, tag_field="node", tag="is_null"):
    """`arg IS NULL`, or `IS NOT NULL` where negated."""

    arg: Expr
    negated: bool = False


class Like(Node, frozen=True, tag_field="node", tag="like"):
    """`arg LIKE pattern` with `%` and `_`; `ignore_case` is ILIKE."""

    arg: Expr
    pattern: Expr
    negated: bool = False
    ignore_case: bool = False


class Case(Node, frozen=True, tag_field="node", tag="case"):
    """Searched CASE: the value of the first condition that holds, else `otherwise` (NULL where absent)."""

    whens: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None = None


class Cast(Node, frozen=True, tag_field="node", tag="cast"):
    """A conversion to a family of types; an impossible one is the engine's error. Precision and scale for decimals only."""

    arg: Expr
    type: DataType
    precision: int | None = None
    scale: int | None = None


class Truncate(Node, frozen=True, tag_field="node", tag="truncate"):
    """The start of the `grain` period in which `arg` lies (weeks start on Monday)."""

    arg: Expr
    grain: Grain


class Extract(Node, frozen=True, tag_field="node", tag="extract"):
    """A date part of `arg`, as an integer."""

    arg: Expr
    part: DatePart


class Shift(Node, frozen=True, tag_field="node", tag="shift"):
    """`arg` moved by `count` (may be negative) `grain`s: dbt's windows and offsets, and `+ interval '1 month'`."""

    arg: Expr
    count: int
    grain: Grain


Expr: TypeAlias = (
    Literal
    | Column
    | Field
    | Attribute
    | Parameter
    | Call
    | Binary
    | And
    | Or
    | Not
    | Negate
    | In
    | Between
    | IsNull
    | Like
    | Case
    | Cast
    | Truncate
    | Extract
    | Shift
)

TRUE = And(())
FALSE = Or(())
