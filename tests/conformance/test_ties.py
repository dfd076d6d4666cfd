"""Every choice among ties gives an answer of its own."""

from __future__ import annotations

import datetime as dt

from tests.conformance.ties import Buy, Visit, possible_rates


def day(number: int) -> dt.datetime:
    return dt.datetime(2020, 1, number)  # noqa: DTZ001 - the tables hold local times without a zone


def test_without_a_tie_there_is_one_answer() -> None:
    visits = [Visit("a", day(1), "x"), Visit("a", day(2), "y"), Visit("b", day(2), "y")]
    assert possible_rates(visits, [Buy("a", day(3))]) == [[["x", None], ["y", 0.5]]]


def test_a_tie_gives_two() -> None:
    visits = [Visit("a", day(2), "x"), Visit("a", day(2), "y")]
    found = possible_rates(visits, [Buy("a", day(3))])
    assert len(found) == 2
    assert [["x", 1.0], ["y", None]] in found
    assert [["x", None], ["y", 1.0]] in found


def test_the_window_ends_with_the_purchase_and_is_seven_days_long() -> None:
    visits = [Visit("a", day(1), "x"), Visit("a", day(9), "z")]
    assert possible_rates(visits, [Buy("a", day(8))]) == [[["x", None], ["z", None]]]
    assert possible_rates(visits, [Buy("a", day(7))]) == [[["x", 1.0], ["z", None]]]
