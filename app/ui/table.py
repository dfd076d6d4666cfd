"""A result as Streamlit's table: typed columns with readable headings, and every digit that the gateway sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st

from app.ui.figures import Style, places_of, style_of
from app.ui.labels import definitions_by_name, group_label, groups_by_column

MOST_ROWS_IN_FULL = 20
HEIGHT_PIXELS = 740
LEAST_PIXELS, MOST_PIXELS = 90, 420
PIXELS_A_CHARACTER, PADDING_PIXELS = 8, 24
"""What a column is given for its heading and its values: Streamlit's own measure cuts long headings."""

_NUMBERS = {"integer", "decimal", "float"}
_DATES = {"year": "YYYY", "quarter": "[Q]Q YYYY", "month": "MMM YYYY"}
_DAY, _MINUTE = "D MMM YYYY", "D MMM YYYY, HH:mm"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's values as the table takes them, its heading and its configuration; `style` is set for metrics."""

    values: list[Any]
    heading: str
    config: Any
    style: Style | None = None


def columns_of(answer: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Column]:
    """The result's columns by name, in the result's order. `labels` are the dimensions' by name."""
    definitions, groups = definitions_by_name(answer), groups_by_column(answer)
    found = {}
    for column in answer["columns"]:
        name, kind = column["name"], column["type"]
        values = [row[name] for row in answer["results"]]
        if name in definitions:
            found[name] = _metric(definitions[name], kind, values)
        else:
            item = groups.get(name)
            heading = group_label(item, labels) if item else name
            found[name] = _other(heading, kind, values, (item or {}).get("grain") or "")
    return found


def show_table(columns: Mapping[str, Column], rows: int) -> None:
    """The table on the page."""
    st.dataframe(
        {name: column.values for name, column in columns.items()},
        hide_index=True,
        width="content",
        height="content" if rows <= MOST_ROWS_IN_FULL else HEIGHT_PIXELS,
        column_config={name: column.config for name, column in columns.items()},
        placeholder="–",
    )


def _metric(definition: dict[str, Any], kind: str, values: list[Any]) -> Column:
    label = str(definition.get("label") or definition["metric"])
    if kind not in _NUMBERS:
        return _other(label, kind, values, "")
    style = style_of(definition, values)
    heading = f"{label} ({style.unit})" if style.unit and not style.percent else label
    numbers = _numbers(values, style)
    if numbers is None:
        return _text(
            heading, [_words(value) if isinstance(value, str | bool | None) else style.write(value) for value in values], "right", style
        )
    held = [value for value in values if value is not None]
    form = f"%,.{style.places}f{'%%' if style.percent else ''}"
    return Column(
        numbers,
        heading,
        st.column_config.NumberColumn(heading, format=form, alignment="right", width=_width(heading, map(style.write, held))),
        style,
    )


def _other(heading: str, kind: str, values: list[Any], grain: str) -> Column:
    """A column that is no metric. Numbers among them are keys, years and weekdays: no thousands are separated."""
    if kind in _NUMBERS and all(value is None or isinstance(value, Decimal | int) for value in values):
        style = Style(places=places_of([Decimal(value) for value in values if value is not None]))
        numbers = _numbers(values, style)
        if numbers is not None:
            return Column(
                numbers,
                heading,
                st.column_config.NumberColumn(
                    heading, format=f"%.{style.places}f", alignment="left", width=_width(heading, map(str, values))
                ),
            )
    if kind == "date" and (dates := _parsed(values, dt.date.fromisoformat)) is not None:
        return Column(
            dates,
            heading,
            st.column_config.DateColumn(heading, format=_DATES.get(grain, _DAY), alignment="left", width=_width(heading, [_DAY])),
        )
    if kind == "timestamp" and (times := _parsed(values, dt.datetime.fromisoformat)) is not None:
        whole = all(time is None or time.time() == dt.time() for time in times)
        form = _DATES.get(grain, _DAY if whole else _MINUTE)
        return Column(
            times, heading, st.column_config.DatetimeColumn(heading, format=form, alignment="left", width=_width(heading, [form]))
        )
    return _text(heading, [_words(value) for value in values], "left")


def _text(heading: str, values: list[Any], alignment: Any, style: Style | None = None) -> Column:
    width = _width(heading, (value for value in values if value is not None))
    return Column(values, heading, st.column_config.TextColumn(heading, alignment=alignment, width=width), style)


def _width(heading: str, texts: Iterable[str]) -> int:
    """Pixels for the longest of the heading and the texts, within bounds."""
    longest = max((len(heading), *map(len, texts)))
    return min(max(LEAST_PIXELS, longest * PIXELS_A_CHARACTER + PADDING_PIXELS), MOST_PIXELS)


def _numbers(values: Sequence[Any], style: Style) -> list[Any] | None:
    """The values as the browser's numbers; None where one of them is no number, or has more digits than such a number holds."""
    found = []
    for value in values:
        if value is not None and (isinstance(value, bool) or not isinstance(value, Decimal | int)):
            return None
        number = None if value is None else style.in_browser(value)
        if number is None and value is not None:
            return None
        found.append(number)
    return found


def _parsed(values: Sequence[Any], read: Any) -> list[Any] | None:
    """The values as dates or times; None where one of them is none, which is then shown as it came."""
    try:
        return [None if value is None else read(value) for value in values]
    except (TypeError, ValueError):
        return None


def _words(value: Any) -> str | None:
    if value is None:
        return None
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
