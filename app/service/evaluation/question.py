"""The form of a golden question: one JSON object a line, with a gold query, gold rows or both."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Literal, TypeAlias

import msgspec

Cell: TypeAlias = str | int | float | bool | None
Rows: TypeAlias = tuple[tuple[Cell, ...], ...]


class Kind(StrEnum):
    """What a question wants: an answer, a question back, a no, or, of a hostile one, anything but what it is after."""

    ANSWERABLE = "answerable"
    AMBIGUOUS = "ambiguous"
    UNANSWERABLE = "unanswerable"
    HOSTILE = "hostile"


class Period(msgspec.Struct, frozen=True):
    """A closed range of days, and the grain by which it is split where it is."""

    start: str | None = None
    end: str | None = None
    grain: str | None = None
    phrase: str | None = None


class Condition(msgspec.Struct, frozen=True):
    """A comparison of a dimension (in `where`) or a metric (in `having`) with a value, or with several."""

    op: str
    dimension: str = ""
    metric: str = ""
    value: Cell | tuple[Cell, ...] = None


class OrderItem(msgspec.Struct, frozen=True):
    """By what rows are ordered."""

    by: str
    dir: Literal["asc", "desc"] = "asc"


class Gold(msgspec.Struct, frozen=True):
    """A right reading: its query in the words of `datamind query`, its rows, or both. `compare` says what is compared, which only `rows` can tell."""

    metrics: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    where: tuple[str | Condition, ...] | str = ()
    having: tuple[str | Condition, ...] | str | Condition = ()
    order: tuple[str | OrderItem, ...] = ()
    limit: int | None = None
    time: Period | None = None
    compare: dict[str, Any] | str | None = None
    calculations: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: Rows = ()
    ordered: bool = False

    @property
    def has_query(self) -> bool:
        """Whether it names a query."""
        return bool(self.metrics or self.group_by or self.calculations)

    @property
    def has_rows(self) -> bool:
        """Whether its rows are written: none of them is an answer too where columns are named."""
        return bool(self.rows or self.columns)


class Earlier(msgspec.Struct, frozen=True):
    """A question that was asked before in the same conversation."""

    question: str
    id: str = ""


class Question(Gold, frozen=True):
    """A golden question. `today` is the day on which it is asked (None: as the settings say), `context` what was asked before it, in order; `alts` are
    other right readings, or their rows. `line` is where it stands in its file."""

    id: str = ""
    question: str = ""
    kind: Kind = Kind.ANSWERABLE
    today: dt.date | None = None
    category: str = ""
    context: tuple[Earlier | str, ...] = ()
    alts: tuple[Gold | Rows, ...] = ()
    line: int = 0

    @property
    def asked_before(self) -> tuple[str, ...]:
        """The earlier questions as texts."""
        return tuple(one if isinstance(one, str) else one.question for one in self.context)

    @property
    def golds(self) -> tuple[Gold, ...]:
        """Every reading that is right, where there are any."""
        own: tuple[Gold, ...] = (self,) if self.has_query or self.has_rows else ()
        others = (one if isinstance(one, Gold) else Gold(columns=self.columns, rows=one) for one in self.alts)
        return (*own, *(self._like(one) for one in others))

    def _like(self, other: Gold) -> Gold:
        """Rows without a query of their own are told apart and ordered as those of the question."""
        if other.has_query:
            return other
        return msgspec.structs.replace(
            other,
            metrics=self.metrics,
            group_by=self.group_by,
            compare=other.compare or self.compare,
            order=other.order or self.order,
            ordered=other.ordered or self.ordered,
        )
