"""The comparison finds what is wrong, and nothing where nothing is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.conformance.comparison import differences, same

MIDNIGHT = {"t": "2020-03-06T00:00:00"}
COLUMNS = ("metric_time__day", "bookings")
ROWS = [[MIDNIGHT, 3], [{"t": "2020-03-07T00:00:00"}, None]]
DAYS = (dt.datetime(2020, 3, 6), dt.datetime(2020, 3, 7))  # noqa: DTZ001 - engines give local times without a zone
RIGHT = [(DAYS[0], 3), (DAYS[1], None)]


def test_a_right_answer_has_no_differences() -> None:
    assert differences(COLUMNS, RIGHT, COLUMNS, ROWS) == []
    assert differences(COLUMNS, RIGHT, COLUMNS, ROWS, in_order=True) == []


def test_columns_may_stand_in_another_order() -> None:
    assert differences(COLUMNS[::-1], [row[::-1] for row in RIGHT], COLUMNS, ROWS, in_order=True) == []


def test_rows_may_stand_in_another_order_unless_it_is_checked() -> None:
    assert differences(COLUMNS, RIGHT[::-1], COLUMNS, ROWS) == []
    assert differences(COLUMNS, RIGHT[::-1], COLUMNS, ROWS, in_order=True)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(RIGHT[:1], id="a row is missing"),
        pytest.param([*RIGHT, RIGHT[0]], id="a row is there twice"),
        pytest.param([RIGHT[0], RIGHT[0]], id="one row stands in for another"),
        pytest.param([(DAYS[0], 4), RIGHT[1]], id="a number is wrong"),
        pytest.param([(DAYS[0], 3), (DAYS[1], 0)], id="zero in place of NULL"),
        pytest.param([(DAYS[0], None), RIGHT[1]], id="NULL in place of a number"),
        pytest.param([(DAYS[0], True), RIGHT[1]], id="a truth value in place of a number"),
        pytest.param([(DAYS[0].replace(hour=1), 3), RIGHT[1]], id="another hour"),
        pytest.param([("2020-03-06", 3), RIGHT[1]], id="text in place of a time"),
        pytest.param([], id="nothing"),
    ],
)
@pytest.mark.parametrize("in_order", [False, True])
def test_wrong_rows_are_told(rows: list[tuple[Any, ...]], in_order: bool) -> None:
    assert differences(COLUMNS, rows, COLUMNS, ROWS, in_order=in_order)


@pytest.mark.parametrize("columns", [("metric_time", "bookings"), ("metric_time__day",), ("metric_time__day", "bookings", "bookings")])
def test_wrong_columns_are_told(columns: tuple[str, ...]) -> None:
    assert differences(columns, [], COLUMNS, ROWS)[0].startswith("the columns are")


def test_numbers_near_to_each_other_change_no_order() -> None:
    """Two rows whose first numbers differ by less than the tolerance are told apart by the others."""
    given = [(1.0000000002, "b"), (1.0000000001, "a")]
    assert differences(("n", "s"), given, ("n", "s"), [[1.0, "a"], [1.0, "b"]]) == []


def test_rows_that_differ_in_numbers_alone_are_matched() -> None:
    assert differences(("n", "m"), [(1, 2), (1, 3)], ("n", "m"), [[1, 3], [1, 2]]) == []
    assert differences(("n", "m"), [(1, 2), (1, 2)], ("n", "m"), [[1, 3], [1, 2]])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.0),
        (Decimal("1.10"), 1.1),
        (1_000_000, 1_000_000.5),
        (0, 0.0),
        (None, None),
        (True, True),
        ("x", "x"),
        (dt.date(2020, 1, 1), dt.datetime(2020, 1, 1)),  # noqa: DTZ001
    ],
)
def test_same(left: Any, right: Any) -> None:
    assert same(left, right)
    assert same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.00001),
        (0, 1e-7),
        (0, None),
        ("", None),
        (False, None),
        (1, True),
        ("1", 1),
        (dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 1)),  # noqa: DTZ001
        (float("nan"), None),
        (float("nan"), float("nan")),
    ],
)
def test_not_same(left: Any, right: Any) -> None:
    assert not same(left, right)
    assert not same(right, left)
