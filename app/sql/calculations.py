"""Calculations as people write them: `growth = percent_change(revenue, 1 year)`, `share(revenue, within=customer__country)`, `moving_average(revenue, 7)`.

A closed grammar: a name of its own is optional, what a calculation is of is a metric or another calculation, and lists stand in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from app.errors import Problem, UserError, did_you_mean
from app.model.metrics import Window
from app.model.shapes import MOST_PERIODS, Calculation, Compared, MetricValue, Moving, Rank, Running, Shape, Share, Show, metric_of
from app.sql.expressions.problems import place

_TOKEN = re.compile(r"(?P<known>[A-Za-z0-9_]+|[()\[\],=])|(?P<other>\S)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WINDOW = re.compile(r"(\d{1,6}) ([a-z_][a-z0-9_]*?)s?")
_DEEPEST = 8
LONGEST_NAME = 63
"""Bytes of a column's name that every engine keeps."""


@dataclass(slots=True)
class _Arguments:
    """What stands between the parentheses of a call: what it is of, the words after it, and what is given by name."""

    of: Shape
    plain: list[str] = field(default_factory=list)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)


def parse_calculation(text: str) -> Calculation:
    """The calculation, under its own name or under one that says what it is. Raises UserError DM3130 for a text that is none."""
    return _Parser(text).calculation()


def parse_window(text: str) -> Window | None:
    """`1 year`, `364 days`, `2 retail_months`; None for what is none."""
    found = _WINDOW.fullmatch(" ".join(text.lower().split()))
    return Window(int(found[1]), found[2]) if found and int(found[1]) else None


def default_name(shape: Shape) -> str:
    """The column of a calculation that has no name: `revenue__percent_change_1_year`, `revenue__share_of_customer__country`, `revenue__rank`."""
    if isinstance(shape, MetricValue):
        return shape.name
    return f"{default_name(shape.of)}__{_suffix(shape)}"


def _suffix(shape: Shape) -> str:
    match shape:
        case Compared(back=back, show=show, same_weekday=weekday):
            return f"{show.value}{_window_name(back)}{'_same_weekday' if weekday else ''}"
        case Share(within=within):
            return "share" + (f"_of_{'_and_'.join(within)}" if within else "")
        case Running(window=window, grain_to_date=to_date):
            return f"last{_window_name(window)}" if window else f"{to_date}_to_date" if to_date else "running_total"
        case Moving(periods=periods, function=function):
            return f"moving_{function}_{periods}"
        case Rank(within=within, ascending=ascending):
            return "rank" + ("_ascending" if ascending else "") + (f"_in_{'_and_'.join(within)}" if within else "")
    return metric_of(shape)


def _window_name(window: Window | None) -> str:
    """`_1_year`, `_7_days`, nothing for none."""
    return "" if window is None else f"_{window.count}_{window.grain}{'s' if window.count != 1 else ''}"


class _Parser:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        self.at = 0
        for found in _TOKEN.finditer(text):
            start = found.start(found.lastgroup or 0)
            if found["other"]:
                raise self.refuse(f"`{found['other']}` has no meaning in a calculation", start)
            self.tokens.append((found["known"], start))

    def calculation(self) -> Calculation:
        """The whole text."""
        name = ""
        if len(self.tokens) > 1 and self.tokens[1][0] == "=":
            name, self.at = self.name(), 2
        shape = self.shape(0)
        if self.at < len(self.tokens):
            raise self.refuse(f"`{self.tokens[self.at][0]}` after the end of the calculation")
        if isinstance(shape, MetricValue):
            raise self.refuse("a calculation is a call", 0, f"such as `share({shape.name})`; a metric alone belongs into `metrics`")
        made = Calculation(name or default_name(shape), shape)
        if len(made.name.encode()) > LONGEST_NAME:
            raise self.refuse(f"`{made.name[:40]}…` is longer than {LONGEST_NAME} bytes", 0, "give it a name: `short = …`")
        return made

    def shape(self, depth: int) -> Shape:
        """A metric, or a call."""
        if depth > _DEEPEST:
            raise self.refuse(f"calculations are nested more than {_DEEPEST} deep")
        start, name = self.at, self.name()
        if self.peek() != "(":
            return MetricValue(name)
        make = _CALLS.get(name)
        if make is None:
            hint = did_you_mean(name, _CALLS) or f"one of {', '.join(_CALLS)}"
            raise self.refuse(f"there is no calculation `{name}`", self.tokens[start][1], hint)
        self.take("(")
        given = _Arguments(self.shape(depth + 1))
        while self.peek() == ",":
            self.take(",")
            self.argument(given)
        self.take(")")
        try:
            return make(given)
        except _UnusableError as error:
            raise self.refuse(f"`{name}`: {error}", self.tokens[start][1], _USES[name]) from None

    def argument(self, given: _Arguments) -> None:
        """One argument after the first: `1 year`, `7`, `ascending`, `within=[a, b]`."""
        if self.at + 1 < len(self.tokens) and self.tokens[self.at + 1][0] == "=":
            name = self.name()
            self.take("=")
            given.named[name] = self.values()
        else:
            given.plain.append(self.words())

    def values(self) -> tuple[str, ...]:
        """A word, or a list of them in brackets."""
        if self.peek() != "[":
            return (self.words(),)
        self.take("[")
        found = [self.words()]
        while self.peek() == ",":
            self.take(",")
            found.append(self.words())
        self.take("]")
        return tuple(found)

    def words(self) -> str:
        """Words up to the next mark."""
        found = []
        while self.at < len(self.tokens) and self.peek() not in ("(", ")", "[", "]", ",", "="):
            found.append(self.tokens[self.at][0].lower())
            self.at += 1
        if not found:
            raise self.refuse("a value is missing")
        return " ".join(found)

    def name(self) -> str:
        """A name."""
        token = self.peek()
        if not _NAME.fullmatch(token):
            raise self.refuse(f"a name is wanted, not `{token}`" if token else "a name is missing")
        self.at += 1
        return token.lower()

    def peek(self) -> str:
        """The next token, "" at the end."""
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, mark: str) -> None:
        """Go past a mark."""
        if self.peek() != mark:
            raise self.refuse(f"`{mark}` is wanted" + (f", not `{self.peek()}`" if self.peek() else " at the end"))
        self.at += 1

    def refuse(self, message: str, start: int = -1, hint: str = "") -> UserError:
        """A Problem at a place of the text."""
        if start < 0:
            start = self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text)
        return UserError(Problem("DM3130", message, where=place(self.text, start), hint=hint or "such as `share(revenue)`"))


class _UnusableError(Exception):
    """Why arguments do not fit a call."""


def _compared(show: Show) -> Callable[[_Arguments], Shape]:
    def make(given: _Arguments) -> Shape:
        rest = list(given.plain)
        weekday = "same weekday" in rest
        if weekday:
            rest.remove("same weekday")
        back = parse_window(rest[0]) if rest else None
        if given.named or len(rest) > 1 or (rest and back is None):
            raise _UnusableError(f"`{(*given.named, *rest)[-1]}` is not how far back")
        return Compared(given.of, back, show, weekday)

    return make


def _share(given: _Arguments) -> Shape:
    return Share(given.of, _within(given, ()))


def _rank(given: _Arguments) -> Shape:
    return Rank(given.of, _within(given, ("ascending",)), "ascending" in given.plain)


def _within(given: _Arguments, flags: tuple[str, ...]) -> tuple[str, ...]:
    """The items that make the group."""
    for word in given.plain:
        if word not in flags:
            raise _UnusableError(f"`{word}` has no meaning")
    for name in given.named:
        if name != "within":
            raise _UnusableError(f"`{name}` has no meaning")
    return given.named.get("within", ())


def _running(given: _Arguments) -> Shape:
    window = parse_window(given.plain[0]) if given.plain else None
    if len(given.plain) > 1 or (given.plain and window is None) or given.named.keys() - {"to_date"} or (window and given.named):
        raise _UnusableError("one window, or one grain `to_date`")
    grain = given.named.get("to_date", ("",))
    if len(grain) != 1:
        raise _UnusableError("one grain `to_date`")
    return Running(given.of, window, grain[0])


def _moving(function: str) -> Callable[[_Arguments], Shape]:
    def make(given: _Arguments) -> Shape:
        if given.named or len(given.plain) != 1 or not given.plain[0].isdecimal() or not 1 <= int(given.plain[0]) <= MOST_PERIODS:
            raise _UnusableError("over how many periods?")
        return Moving(given.of, int(given.plain[0]), function)

    return make


_CALLS: dict[str, Callable[[_Arguments], Shape]] = {
    **{show.value: _compared(show) for show in Show},
    "share": _share,
    "running_total": _running,
    **{f"moving_{function}": _moving(function) for function in ("average", "min", "max")},
    "rank": _rank,
}
_USES = {
    **{show.value: f"such as `{show.value}(revenue, 1 year)`, or with `same weekday` after it" for show in Show},
    "share": "such as `share(revenue)` or `share(revenue, within=customer__country)`",
    "running_total": "such as `running_total(revenue)`, `running_total(revenue, 7 days)` or `running_total(revenue, to_date=month)`",
    **{f"moving_{f}": f"such as `moving_{f}(revenue, 7)`" for f in ("average", "min", "max")},
    "rank": "such as `rank(revenue)` or `rank(revenue, within=metric_time__month, ascending)`",
}
