"""The arithmetic of what a change is made of: parts add up exactly, whatever the numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.contributions import of_quotient, of_sum, surprise, together

NUMBERS = st.fractions(min_value=-1000, max_value=1000, max_denominator=100)
WEIGHTS = st.fractions(min_value=0, max_value=1000, max_denominator=100)
VALUES = st.sampled_from(["web", "store", "phone", None, True])
SUMS = st.dictionaries(VALUES, NUMBERS)
PAIRS = st.dictionaries(VALUES, st.tuples(NUMBERS, WEIGHTS))
F = Fraction


def total(table: dict[object, tuple[Fraction, Fraction]], at: int) -> Fraction:
    return sum((pair[at] for pair in table.values()), F(0))


@given(SUMS, SUMS)
def test_parts_of_a_sum_add_up_to_its_change(previous: dict[object, Fraction], current: dict[object, Fraction]) -> None:
    pieces = of_sum(previous, current)
    assert sum((one.change for one in pieces.values()), F(0)) == sum(current.values(), F(0)) - sum(previous.values(), F(0))
    assert together(list(pieces.values()), adds_up=True).change == sum((one.change for one in pieces.values()), F(0))


@given(PAIRS, PAIRS)
def test_parts_of_a_quotient_add_up_to_its_change_and_rate_and_mix_to_each(
    previous: dict[object, tuple[Fraction, Fraction]], current: dict[object, tuple[Fraction, Fraction]]
) -> None:
    pieces = of_quotient(previous, current)
    d0, d1 = total(previous, 1), total(current, 1)
    if not d0 or not d1:
        assert pieces is None
        return
    assert pieces is not None
    assert sum((one.change for one in pieces.values()), F(0)) == total(current, 0) / d1 - total(previous, 0) / d0
    for one in pieces.values():
        assert one.rate is not None
        assert one.mix is not None
        assert one.rate + one.mix == one.change
    rest = together(list(pieces.values()), adds_up=True)
    assert rest.rate is not None
    assert rest.mix is not None
    assert (rest.previous, rest.rate + rest.mix) == (None, rest.change)


def test_a_ratio_whose_own_values_stay_changes_by_mix_alone() -> None:
    pieces = of_quotient({"web": (F(10), F(100)), "store": (F(50), F(100))}, {"web": (F(10), F(100)), "store": (F(150), F(300))})
    assert pieces is not None
    assert [one.rate for one in pieces.values()] == [0, 0]
    assert sum(one.mix or 0 for one in pieces.values()) == F(160, 400) - F(60, 200)


def test_a_ratio_whose_weights_stay_changes_by_rate_alone() -> None:
    pieces = of_quotient({"web": (F(10), F(100)), "store": (F(50), F(100))}, {"web": (F(30), F(100)), "store": (F(50), F(100))})
    assert pieces is not None
    assert (pieces["web"].rate, pieces["web"].mix, pieces["store"].change) == (F(1, 10), F(0), F(0))


def test_a_value_of_one_period_only() -> None:
    assert of_sum({"web": F(5)}, {"store": F(7)})["web"].current is None
    pieces = of_quotient({"web": (F(1), F(10))}, {"web": (F(1), F(10)), "store": (F(9), F(10))})
    assert pieces is not None
    assert (pieces["store"].previous, pieces["store"].rate) == (None, F(0))
    assert pieces["store"].mix == pieces["store"].change


@given(SUMS, SUMS)
def test_surprise_lies_between_nothing_and_one(previous: dict[object, Fraction], current: dict[object, Fraction]) -> None:
    assert 0 <= surprise(previous, current) <= 1


@pytest.mark.parametrize("factor", [F(1, 2), F(1), F(3)])
def test_what_changed_alike_everywhere_surprises_nobody(factor: Fraction) -> None:
    previous = {"web": F(30), "store": F(10)}
    assert surprise(previous, {key: value * factor for key, value in previous.items()}) == pytest.approx(0, abs=1e-12)
    assert surprise(previous, {"web": F(10), "store": F(30)}) > 0.1
    assert surprise({"web": F(1)}, {"store": F(1)}) == pytest.approx(1)
