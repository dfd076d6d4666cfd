"""Draft: what one cut of a question says, before names that can mean several things are settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from app.language.periods import Period
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Sense
from app.language.words import Cue
from app.model.metrics import Window
from app.model.query import TimeRange
from app.model.types import DatePart, Grain

_BOUNDING = frozenset({Cue.COMPARE, Cue.OR_MORE, Cue.BETWEEN})


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the query and the senses that may fill it, best first."""

    piece: Piece
    senses: tuple[Sense, ...]


@dataclass(frozen=True, slots=True)
class ValueCondition:
    """A dimension is (or is not) a value. Where `literal` is set the senses are dimensions and it is the value; else they are VALUEs and FLAGs.

    `op` is a comparison for a literal number; `either` joins it to the condition before with or.
    """

    slot: Slot
    negated: bool = False
    either: bool = False
    op: str = "="
    literal: str | Decimal | None = None


@dataclass(frozen=True, slots=True)
class Having:
    """A metric compared with a number, or (`of`) its change or its share. With `percent` the number was said as one of a hundred."""

    slot: Slot
    op: str
    number: Decimal
    percent: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class PeriodCondition:
    """A time dimension of its own (`delivered last month`) lies in a period."""

    slot: Slot
    period: Period


@dataclass(frozen=True, slots=True)
class Comparison:
    """The range that is shown, None for all of time, and how far back it is compared; without `back` with the one before it."""

    span: TimeRange | None
    back: Window | None


@dataclass(frozen=True, slots=True)
class Moved:
    """Over the last `count` periods of a grain, at each: their average, or what they come to together."""

    count: int
    grain: Grain
    average: bool


@dataclass(frozen=True, slots=True)
class Averaged:
    """The average of the `count` periods of a grain that make up a range."""

    grain: Grain
    span: TimeRange
    count: int


@dataclass(slots=True)
class Draft:
    """Filled by the parser of one cut; `unused` are pieces that nothing was made of, `unserved` what is understood and can't be asked yet.

    `share`: of the total, or of the groups `within`. `comparing`, `change` ("up", "down", "percent") and `back` (`YoY`): what was earlier is asked for too,
    `against` which periods; `compared` is what came of them. `versus`: values or metrics stood beside each other. `counted`: it is groups that are counted.
    `how_much`: not a number of things is asked for. `wondering`: a judgement is asked for (`how bad is …`), which any of some metrics may help with.
    `week` are the days that alone count: "weekend", "weekday" or the numbers of days. `bounds` are of a metric that only the question before names, `counts`
    numbers that only a limit before could mean, `loose` their pieces. `ranked` are the groups that a rank chooses among, with `ranked_grain` the periods;
    `ranked_by` is the metric that was named for it, and `judged` the word for it where that judges (`worst`). `asks`: it is put as a question.
    `who` asks for people that are not named.
    """

    who: Piece | None = None
    metrics: list[Slot] = field(default_factory=list)
    groups: list[Slot] = field(default_factory=list)
    dated_groups: list[tuple[Slot, Grain]] = field(default_factory=list)
    grains: list[tuple[Piece, Grain | DatePart]] = field(default_factory=list)
    conditions: list[ValueCondition] = field(default_factory=list)
    having: list[Having] = field(default_factory=list)
    dated: list[PeriodCondition] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    bounds: list[Having] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    loose: list[Piece] = field(default_factory=list)
    scopes: list[Slot] = field(default_factory=list)
    rank: str = ""
    limit: int | None = None
    which: bool = False
    grouped_by_cue: int = 0
    order: Slot | None = None
    direction: str = ""
    asks: bool = False
    how_many: bool = False
    numbered: list[Piece] = field(default_factory=list)
    how_much: bool = False
    wondering: bool = False
    counted: bool = False
    listing: bool = False
    trend: bool = False
    share: Piece | None = None
    within: list[Piece] = field(default_factory=list)
    comparing: Piece | None = None
    against: list[Period] = field(default_factory=list)
    versus: bool = False
    change: str = ""
    back: Window | None = None
    compared: Comparison | None = None
    running: bool = False
    moving: Moved | None = None
    averaged: Averaged | None = None
    week: list[str] = field(default_factory=list)
    totals: bool = False
    ranked: list[Piece] = field(default_factory=list)
    ranked_grain: bool = False
    judged: str = ""
    ranked_by: Piece | None = None
    aggregates: list[Piece] = field(default_factory=list)
    unused: list[Piece] = field(default_factory=list)
    unserved: list[str] = field(default_factory=list)
    unknown_values: list[tuple[Slot, Piece]] = field(default_factory=list)
    roles: list[tuple[Piece, Role]] = field(default_factory=list)
    penalty: float = 0.0

    def leave_bounds(self) -> None:
        """The bounds of no named metric have found one, and their words are explained."""
        bounds = {bound.slot.piece for bound in self.bounds}
        self.unused = [one for one in self.unused if one not in bounds and not (one in self.loose and one.cue in _BOUNDING)]
        self.bounds = []

    @property
    def compares(self) -> bool:
        """Whether words ask for what was earlier."""
        return bool(self.change or self.back or self.against or (self.comparing is not None and not self.versus))

    @property
    def empty(self) -> bool:
        """Whether no name of the layer was found."""
        return not (self.metrics or self.groups or self.conditions or self.having or self.scopes)
