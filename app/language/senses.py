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


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """A metric in words: its label, and the aggregation words that say nothing beyond it (`sum`, `average`); `home` is the
    primary entity of the model that a simple metric measures, "" for the others; `is_fraction` says that its values are parts of one, shown in
    percent; `timing` is set where it has a value only by time."""

    name: str
    label: str
    aggregates: frozenset[str]
    home: str = ""
    is_fraction: bool = False
    timing: Timing | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class DimensionFacts:
    """A dimension in words. `name` is its dunder name; `values` are those known, () where none are."""

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

    @property
    def may_be_number(self) -> bool:
        """Whether its values can be compared with a number, as far as is known."""
        return self.is_numeric or not (self.is_typed or self.values or self.is_time or self.is_flag)
