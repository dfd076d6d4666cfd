"""Numbers as people read them, by a metric's `unit` and `format`."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from app.model.result import Value

_PLACES = re.compile(r"\.(\d+)|\.(0+)")
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


class Written(Protocol):
    """What says how numbers are written: a metric, or its definition."""

    @property
    def unit(self) -> str:
        """`EUR`, `%`, `sessions`; "" for none."""

    @property
    def format(self) -> str:
        """`0.0%`, `#,##0.00`; "" for none."""


def cell(value: Value, metric: Written | None = None, *, places: int | None = None) -> str:
    """A value in words: `€1,234.50`, `12.3%`, `1,204 orders`, `2026-04-01`, `nothing` for null.

    `format` may be `percent`, `integer`, `currency`, a d3-like `,.2f` or `.1%`, or a pattern such as `#,##0.00`; a fraction is shown as a
    percentage only where unit or format say so. `places` overrules how many digits come after the point.
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d") if value.time() == dt.time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Decimal | int | float):
        return _number(value, metric, places)
    return str(value)


def is_fraction(metric: Written) -> bool:
    """Whether unit or format say that a value of it is a part of one, shown as a percentage."""
    unit, form = metric.unit.strip().lower(), metric.format.strip()
    return form.endswith("%") or form.lower() in {"percent", "percentage"} or (not form and unit in {"ratio", "fraction"})


def d3_format(metric: Written) -> str:
    """How d3 (and so a chart) writes the values as `cell` does, without a unit: `,.2f`, `.1%`."""
    unit, form = metric.unit.strip(), metric.format.strip()
    if is_fraction(metric):
        return f".{_places(form, 1)}%"
    money = unit.upper() in _SYMBOLS or (len(unit) == 3 and unit.isalpha() and unit.isupper()) or form.lower() == "currency"
    if not form or form.lower() == "currency":
        return ",.2f" if money else ",.2~f"
    return f",.{0 if form.lower() == 'integer' else _places(form, 2 if money else 0)}f"


def excel_format(metric: Written, *, whole: bool = False) -> str:
    """How a spreadsheet writes the values as `cell` does: `0.0%`, `"€"#,##0.00`, `#,##0 "orders"`. `whole` says that none of the values has a fraction."""
    unit, form = metric.unit.strip(), metric.format.strip()
    if is_fraction(metric):
        return f"#,##0{_point(_places(form, 1))}%"
    if unit in {"%", "percent", "pct"}:
        return f'#,##0{_point(_places(form, 2))}"%"'
    money = unit.upper() in _SYMBOLS or (len(unit) == 3 and unit.isalpha() and unit.isupper())
    default = 2 if money or form.lower() == "currency" else 0 if whole or form.lower() == "integer" else 2
    number = f"#,##0{_point(_places(form, default))}"
    quoted = unit.replace('"', "'")
    if money:
        symbol = _SYMBOLS.get(unit.upper())
        return f'"{symbol}"{number}' if symbol else f'{number} "{unit.upper()}"'
    return f'{number} "{quoted}"' if unit and unit.lower() not in {"count", "number", "ratio"} else number


def _point(places: int) -> str:
    return f".{'0' * places}" if places else ""


def percent(value: Value) -> str:
    """A fraction as a percentage with one place: `52.1%`."""
    return f"{_rounded(Decimal(str(value)) * 100, 1)}%" if isinstance(value, Decimal | int | float) else "nothing"


def _number(value: Decimal | int | float, metric: Written | None, places: int | None) -> str:
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return str(value)
    unit, form = (metric.unit.strip(), metric.format.strip()) if metric else ("", "")
    if metric is not None and is_fraction(metric):
        return f"{_rounded(number * 100, _places(form, 1) if places is None else places)}%"
    if unit in {"%", "percent", "pct"}:
        return f"{_rounded(number, _places(form, 2) if places is None else places)}%"
    money = unit.upper() if unit.upper() in _SYMBOLS or (len(unit) == 3 and unit.isalpha() and unit.isupper()) else ""
    default = 2 if money or form.lower() == "currency" else 0 if form.lower() == "integer" or number == int(number) else 2
    text = _rounded(number, _places(form, default) if places is None else places)
    if money:
        symbol = _SYMBOLS.get(money)
        return f"{'-' if text.startswith('-') else ''}{symbol}{text.lstrip('-')}" if symbol else f"{text} {money}"
    return f"{text} {unit}" if unit and unit.lower() not in {"count", "number", "ratio"} else text


def _places(form: str, default: int) -> int:
    found = _PLACES.search(form)
    if found is None:
        return 0 if re.search(r"[#0][dD]?$", form) and form else default
    return min(
        int(found.group(1)) if found.group(1) and not form.startswith("#") and set(found.group(1)) != {"0"} else len(found.group(1)), 10
    )


def _rounded(number: Decimal, places: int) -> str:
    return f"{number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,f}"
