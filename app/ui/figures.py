"""How a metric's numbers are written: scale, decimal places and unit, from what the gateway says about the metric."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

MONEY_PLACES = 2
LEAST_PLACES, MOST_PLACES = 2, 10
EXACT_DIGITS = 15
"""Decimal digits that a browser's number keeps."""
SIGNIFICANT = 3
"""Digits that the smallest number of a column keeps where nothing says how many places there are."""

_PERCENT = re.compile(r"[#,0]*(?:\.(?:(?P<zeros>0+)|(?P<count>\d+)))?%")
_CURRENCY = re.compile(r"[A-Z]{3}")
_EXACT = Context(prec=1200)
"""Digits enough for whatever a warehouse's number or a float's binary value has."""


@dataclass(frozen=True, slots=True)
class Style:
    """A number is shown as `number * scale` with `places` decimals; `unit` goes behind it, or into a column's heading.

    `known` is False where the gateway does not say enough: a metric in % whose numbers may be fractions or percentages is shown as it came.
    """

    scale: int = 1
    places: int = 0
    unit: str = ""
    known: bool = True

    @property
    def percent(self) -> bool:
        """Whether the sign stands with each number, not in the heading."""
        return self.unit == "%"

    def rounded(self, number: Decimal | int) -> Decimal:
        """The number as it is shown: scaled, and rounded half away from zero."""
        return _half_up(_EXACT.multiply(Decimal(number), Decimal(self.scale)), self.places)

    def write(self, number: Decimal | int) -> str:
        """The number with thousands separated and its unit."""
        text = f"{self.rounded(number):,f}"
        return f"{text}{self.unit}" if self.percent else f"{text} {self.unit}".rstrip()

    def in_browser(self, number: Decimal | int) -> int | float | None:
        """A number that a browser rounds to what `rounded` says, with the digits behind that where they do no harm; None where there is none.

        A browser rounds a number's binary value: 1.005, whose binary value is a little less, would become 1.00.
        """
        shown = self.rounded(number)
        if len(shown.as_tuple().digits) > EXACT_DIGITS:
            return None
        if isinstance(number, int):
            return number * self.scale
        full = float(_EXACT.multiply(number, Decimal(self.scale)))
        return full if _half_up(Decimal(full), self.places) == shown else float(shown)


def style_of(definition: dict[str, Any], numbers: Iterable[Any]) -> Style:
    """The style of a metric's column. A fraction becomes a percentage only where the metric's `format` says that it is one."""
    held = [Decimal(number) for number in numbers if isinstance(number, Decimal | int) and not isinstance(number, bool)]
    unit, form = str(definition.get("unit") or "").strip(), str(definition.get("format") or "").strip()
    percent = _PERCENT.fullmatch(form)
    if percent:
        places = len(percent["zeros"]) if percent["zeros"] else int(percent["count"] or 0)
        return Style(100, min(places, MOST_PLACES), "%")
    if _CURRENCY.fullmatch(unit):
        return Style(1, MONEY_PLACES, unit)
    label = str(definition.get("label") or definition.get("metric") or "").lower()
    if unit == "%":
        return Style(1, places_of(held), known=False)
    return Style(1, places_of(held), "" if unit.lower() in label else unit)


def places_of(numbers: Iterable[Decimal]) -> int:
    """Decimal places at which each number keeps what it says: none for whole numbers, as many as are there up to a readable measure."""
    fractions = [number for number in numbers if number != number.to_integral_value()]
    if not fractions:
        return 0
    written = max(-int(number.normalize(_EXACT).as_tuple().exponent) for number in fractions)
    needed = max(SIGNIFICANT - 1 - number.adjusted() for number in fractions)
    return min(written, max(LEAST_PLACES, needed), MOST_PLACES)


def _half_up(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
