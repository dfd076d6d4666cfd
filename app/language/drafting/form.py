"""The form of a draft: what a model writes down of a question. Closed, flat and small, as the strict modes of vendors want it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

LONGEST = 65_536
"""Bytes of a model's document that is read."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a draft: it holds what is named here, and nothing else."""


class Op(StrEnum):
    """What a filter says of a dimension. Of several values of `=` one must hold, of `!=` none."""

    IS = "="
    IS_NOT = "!="
    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    EMPTY = "is_empty"
    NOT_EMPTY = "is_not_empty"
    IN_PERIOD = "in_period"
    ON_DAYS = "on_days"


class Of(StrEnum):
    """What of a metric a bound or a ranking is about: its value, or a calculation of it."""

    VALUE = "value"
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"
    SHARE = "share"


class CalculationKind(StrEnum):
    """The calculations that a draft can ask for."""

    PREVIOUS = "previous"
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"
    SHARE = "share"
    RUNNING_TOTAL = "running_total"
    MOVING_AVERAGE = "moving_average"
    RANK = "rank"


class TotalRows(StrEnum):
    """Which rows of totals."""

    NONE = "none"
    GRAND = "grand"
    ALL = "all"


PARTS_OF_DATES = {"day_of_week": "dow", "day_of_month": "day", "month_of_year": "month", "quarter_of_year": "quarter"}
"""Grains of a draft that cut a number out of a time, with the date part that each is."""


class Item(_Part, frozen=True):
    """A group-by item; `grain` belongs to times."""

    name: str
    grain: str = ""


class Filter(_Part, frozen=True):
    """A condition on rows."""

    name: str
    op: Op
    values: tuple[str, ...] = ()


class Bound(_Part, frozen=True):
    """A condition on a metric of each row of the result, with the number as the question says it."""

    metric: str
    op: Op
    value: Decimal
    of: Of = Of.VALUE
    percent: bool = False


class Span(_Part, frozen=True):
    """A period: the words for it, or ISO dates, both ends inclusive."""

    phrase: str = ""
    start: str = ""
    end: str = ""


class Back(_Part, frozen=True):
    """So many grains."""

    count: int
    grain: str


class Computed(_Part, frozen=True):
    """A calculation of a metric; `back` says how far a comparison looks back, `within` of whose groups a share or rank is, `periods` of how many an average."""

    kind: CalculationKind
    metric: str
    back: Back | None = None
    within: tuple[str, ...] = ()
    periods: int = 0


class First(_Part, frozen=True):
    """Only the first groups by a metric, or with `least` the last; anew for each of `per`."""

    count: int
    by: str
    of: Of = Of.VALUE
    per: tuple[str, ...] = ()
    least: bool = False
    other: bool = False


class Ordered(_Part, frozen=True):
    """An order item: the name of a metric or of a group-by item."""

    by: str
    descending: bool = False


class Drafting(_Part, frozen=True):
    """The query itself."""

    metrics: tuple[str, ...] = ()
    group_by: tuple[Item, ...] = ()
    filters: tuple[Filter, ...] = ()
    segments: tuple[str, ...] = ()
    having: tuple[Bound, ...] = ()
    period: Span | None = None
    calculations: tuple[Computed, ...] = ()
    top: First | None = None
    order: tuple[Ordered, ...] = ()
    totals: TotalRows = TotalRows.NONE


class Said(_Part, frozen=True):
    """All that a model says: a query, or that the question has none here, or that it could mean several."""

    query: Drafting | None = None
    cannot_answer: str | None = None
    ask: str | None = None
