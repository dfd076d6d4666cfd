"""Where values come from: the columns, and the rows, on which the columns of a model stand."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property

import msgspec

from app.model.base import Node


class Role(StrEnum):
    """As what something depends on a column.

    `value`: its values go into the values. `count`: only whether there is a value, or how many there are, goes into them (count(x), x IS NULL). All
    others are indirect, they decide which rows there are, how often, or which belong together: `filter` (WHERE, HAVING, QUALIFY, a metric's filter), `join` (ON,
    USING, an entity's keys), `group` (GROUP BY, DISTINCT, PARTITION BY), `order` (the order that a window or a LIMIT needs), `time` (the time dimension of a
    measure, a time spine), `rows` (a relation's rows as they are).
    """

    VALUE = "value"
    COUNT = "count"
    FILTER = "filter"
    JOIN = "join"
    GROUP = "group"
    ORDER = "order"
    TIME = "time"
    ROWS = "rows"

    @property
    def is_direct(self) -> bool:
        """Whether what is used so goes into the value itself."""
        return self in (Role.VALUE, Role.COUNT)

    def then(self, inner: Role) -> Role:
        """The role of what is reached through something that is used in this role: what is under a filter filters, what decides about rows keeps its role."""
        if self is Role.ROWS:
            return self if inner is Role.VALUE else inner
        return inner if self is Role.VALUE else self


class Reason(StrEnum):
    """Why lineage ends although it goes on in truth."""

    NO_SQL = "no_sql"
    """The manifest holds no compiled SQL of the model: the project was parsed, not compiled."""
    PYTHON = "python"
    """The model is written in Python."""
    UNREADABLE = "unreadable"
    """The SQL can't be parsed, is nested too deeply, or is no single query."""
    DIALECT = "dialect"
    """The adapter's SQL is of no dialect that is known."""
    RELATION = "relation"
    """The SQL reads a relation that is no model, seed, snapshot or source of the project."""
    FUNCTION = "function"
    """A function reads data that the SQL does not name: a table function, a dictionary."""
    COLUMN = "column"
    """A name is no column of anything in its reach."""
    STAR = "star"
    """A name may come from several relations whose columns are not all known, or stands at a place that can't be counted."""
    SNAPSHOT = "snapshot"
    """dbt keeps the earlier versions of rows: what stands in them came from the source of its day."""
    MODEL = "model"
    """The semantic model's dbt model is not in the layer."""
    MEANING = "meaning"
    """A name of a filter means nothing, or too much, where it stands."""


class Edge(Node, frozen=True, array_like=True, gc=False):
    """One dependency: on `column` of `model` (names of the layer), in a role. `column` is "" for the model's rows, and "*" for whichever of its columns.

    With a `reason` the lineage can't be seen there, and `detail` says more; `model` and `column` are then what is known of it.
    """

    model: str
    column: str = ""
    role: Role = Role.VALUE
    reason: Reason | None = None
    detail: str = ""


class ColumnLineage(Node, frozen=True, array_like=True, gc=False):
    """A column of a model and all that its values depend on, beside the model's rows."""

    name: str
    edges: tuple[Edge, ...] = ()


class ModelLineage(Node, frozen=True, dict=True):
    """What a model's SQL says: on what each column depends, and on what the rows do.

    `open` are the models whose columns are passed on by a `*` although not all of them are known: of one, a column that is not listed here is its column of
    that name. `others` is on what any column depends that is not listed, where that can be told without its name. `checksum` is a hash of all that this was
    read from. With a `reason` nothing is seen; `rows` then names the models that it is built from.
    """

    model: str
    checksum: str = ""
    columns: tuple[ColumnLineage, ...] = ()
    rows: tuple[Edge, ...] = ()
    open: tuple[str, ...] = ()
    others: tuple[Edge, ...] = ()
    reason: Reason | None = None
    detail: str = ""

    @cached_property
    def by_name(self) -> dict[str, ColumnLineage]:
        """The columns by their names in lower case: lineage does not tell names apart by case."""
        return {column.name.lower(): column for column in self.columns}

    def edges(self, column: str) -> tuple[Edge, ...]:
        """On what a column depends; "" stands for the rows. What is not listed, and not passed on by one model, is unknown."""
        if self.reason is not None or not column:
            return self.rows
        held = self.by_name.get(column.lower())
        if held is not None:
            return held.edges
        if self.others:
            return self.others
        if len(self.open) == 1:
            return (Edge(self.open[0], column),)
        if self.open:
            return (Edge(self.model, column, Role.VALUE, Reason.STAR, f"one of {', '.join(self.open)} has it"),)
        return (Edge(self.model, column, Role.VALUE, Reason.COLUMN, "its SQL gives no such column"),)


def lineage_text(models: Iterable[ModelLineage]) -> str:
    """The lineage of models as canonical JSON, sorted by model."""
    return msgspec.json.encode(sorted(models, key=lambda one: one.model), order="sorted").decode()


def read_lineage(text: str) -> tuple[ModelLineage, ...]:
    """What `lineage_text` wrote; of "": nothing. Raises msgspec.ValidationError where it is not that."""
    return msgspec.json.decode(text, type=tuple[ModelLineage, ...]) if text else ()


class Kind(StrEnum):
    """What a point of a lineage is. `rows` are a model's rows; `hidden` stands for what the asker may not know of."""

    METRIC = "metric"
    MEASURE = "measure"
    DIMENSION = "dimension"
    ENTITY = "entity"
    TIME_SPINE = "time_spine"
    COLUMN = "column"
    ROWS = "rows"
    UNKNOWN = "unknown"
    HIDDEN = "hidden"


class Point(Node, frozen=True):
    """A point of a lineage. `owner` is the semantic model of a measure, dimension or entity, and the model of a column or of rows (which have no name).

    An unknown point says why in `reason` and `detail`; its owner and name are what is known of it.
    """

    kind: Kind
    name: str = ""
    owner: str = ""
    reason: Reason | None = None
    detail: str = ""

    @property
    def key(self) -> str:
        """What tells it from other points, for people too: `metric:revenue`, `column:fct_orders.amount`, `rows:fct_orders`."""
        if self.kind is Kind.UNKNOWN:
            return f"unknown:{self.owner}.{self.name}:{self.reason}:{self.detail}"
        return f"{self.kind}:{'.'.join(part for part in (self.owner, self.name) if part)}"


class Link(Node, frozen=True):
    """What something stands on, and as what."""

    role: Role
    point: Point


class TraceLink(Node, frozen=True, array_like=True):
    """A link between two points of a trace, by their places in it."""

    start: int
    end: int
    role: Role


class Trace(Node, frozen=True):
    """All that some points stand on. The first `starts` points are those that were asked for; `hidden` counts what was taken out."""

    points: tuple[Point, ...]
    links: tuple[TraceLink, ...] = ()
    starts: int = 1
    hidden: int = 0


class Touched(Node, frozen=True):
    """Something that a change may touch, and in which roles what was changed stands under it. With a `reason` it may: nobody can see."""

    kind: str
    name: str
    owner: str = ""
    roles: tuple[Role, ...] = ()
    reason: Reason | None = None
    detail: str = ""


class Impact(Node, frozen=True):
    """What a change of some columns may touch, by kinds, each sorted. `columns` are those of models downstream, a model's rows among them as ""."""

    changed: tuple[str, ...]
    metrics: tuple[Touched, ...] = ()
    measures: tuple[Touched, ...] = ()
    dimensions: tuple[Touched, ...] = ()
    entities: tuple[Touched, ...] = ()
    saved_queries: tuple[Touched, ...] = ()
    exposures: tuple[Touched, ...] = ()
    policies: tuple[Touched, ...] = ()
    columns: tuple[Touched, ...] = ()
    hidden: int = 0
