"""Draft: what one cut of a question says, before names that can mean several things are settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from app.language.periods import Period
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Sense
from app.model.types import DatePart, Grain


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
    """A metric compared with a number."""

    slot: Slot
    op: str
    number: Decimal


@dataclass(frozen=True, slots=True)
class PeriodCondition:
    """A time dimension of its own (`delivered last month`) lies in a period."""

    slot: Slot
    period: Period


@dataclass(slots=True)
class Draft:
    """Filled by the parser of one cut; `unused` are pieces that nothing was made of, `unserved` what is understood and can't be asked yet."""

    metrics: list[Slot] = field(default_factory=list)
    groups: list[Slot] = field(default_factory=list)
    dated_groups: list[tuple[Slot, Grain]] = field(default_factory=list)
    grains: list[tuple[Piece, Grain | DatePart]] = field(default_factory=list)
    conditions: list[ValueCondition] = field(default_factory=list)
    having: list[Having] = field(default_factory=list)
    dated: list[PeriodCondition] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)
    scopes: list[Slot] = field(default_factory=list)
    rank: str = ""
    limit: int | None = None
    which: bool = False
    grouped_by_cue: int = 0
    order: Slot | None = None
    direction: str = ""
    how_many: bool = False
    listing: bool = False
    trend: bool = False
    aggregates: list[Piece] = field(default_factory=list)
    unused: list[Piece] = field(default_factory=list)
    unserved: list[str] = field(default_factory=list)
    unknown_values: list[tuple[Slot, Piece]] = field(default_factory=list)
    roles: list[tuple[Piece, Role]] = field(default_factory=list)
    penalty: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether no name of the layer was found."""
        return not (self.metrics or self.groups or self.conditions or self.having or self.scopes)
