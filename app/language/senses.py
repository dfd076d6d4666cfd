"""What a phrase can mean, and what the interpreter knows of each thing that is named."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.language.by_time import Timing
from app.model.types import Grain


class Kind(StrEnum):
    """What a sense names."""

    METRIC = "metric"
    DIMENSION = "dimension"
    ENTITY = "entity"
    VALUE = "value"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a phrase: `name` is a metric, a dimension's dunder name or an entity; `value` is the value of a VALUE.

    `weight` is 0..1: 1 for a name, label or synonym; below `DECIDES` the sense suggests and never decides.
    """

    kind: Kind
    name: str
    weight: float
    value: str = ""


DECIDES = 0.55
PART_OF_NAME = 0.6
"""The weight of the last word of a dimension's name."""


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """A metric in words: its label, and the aggregation words that say nothing beyond it (`sum`, `average`); `homes` are the
    primary entities of the models that it measures; `is_fraction` says that its values are parts of one, shown in
    percent; `timing` is set where it has a value only by time. `participles` are roots of verbs that its definition says of what it measures;
    `is_stock` says that it has a value at a time, and does not add up over one; `rows_of` is the entity each of which it counts once, "" where there is none;
    `synonyms` are what the project calls it besides; `dated_by` is the dunder name of the time
    dimension by which its rows are dated, "" where there are several."""

    name: str
    label: str
    aggregates: frozenset[str]
    homes: frozenset[str] = frozenset()
    is_fraction: bool = False
    timing: Timing | None = None
    unit: str = ""
    participles: frozenset[str] = frozenset()
    is_stock: bool = False
    rows_of: str = ""
    synonyms: tuple[str, ...] = ()
    dated_by: str = ""


@dataclass(frozen=True, slots=True)
class DimensionFacts:
    """A dimension in words. `name` is its dunder name; `values` are those known, () where none are; `described` are the roots of what its
    description says of it, of a flag alone."""

    name: str
    label: str
    entity: str
    is_time: bool
    grain: Grain | None
    is_flag: bool
    is_numeric: bool
    values: tuple[str, ...]
    is_typed: bool = True
    is_personal: bool = False
    described: frozenset[str] = frozenset()

    @property
    def may_be_number(self) -> bool:
        """Whether its values can be compared with a number, as far as is known."""
        return self.is_numeric or not (self.is_typed or self.values or self.is_time or self.is_flag)


_MONEY_UNITS = frozenset(
    {"eur", "usd", "gbp", "chf", "jpy", "cny", "inr", "aud", "cad", "sek", "nok", "dkk", "pln", "czk", "€", "$", "£", "¥", "euro", "dollar"}
)
_MONEY_NAMES = frozenset(
    {"revenue", "turnover", "sales", "spend", "spending", "cost", "costs", "income", "profit", "payout", "payouts", "mrr", "arr"}
)


def is_money(facts: MetricFacts) -> bool:
    """Whether a metric is a sum of money, by its unit or its name."""
    return facts.unit.lower().rstrip("s") in _MONEY_UNITS or not _MONEY_NAMES.isdisjoint(facts.label.lower().split())
