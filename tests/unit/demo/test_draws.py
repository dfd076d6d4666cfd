"""Draws: the same everywhere, in range, and in proportion."""

from __future__ import annotations

import numpy as np

from app.adapters.demo.draws import Draws


def test_the_stream_of_a_name_never_changes() -> None:
    assert Draws("orders").integers(8, 0, 999).tolist() == [61, 898, 359, 379, 3, 462, 553, 240]
    assert Draws("orders").uniform(3).tolist() == Draws("orders").uniform(3).tolist()
    assert Draws("orders").uniform(3).tolist() != Draws("refunds").uniform(3).tolist()


def test_draws_stay_in_range_and_reach_both_ends() -> None:
    drawn = Draws("range").integers(10_000, -3, 4)
    assert set(drawn.tolist()) == set(range(-3, 5))
    assert Draws("below").below(np.asarray([1, 2, 3] * 100)).max() == 2


def test_picks_follow_their_weights() -> None:
    picks = np.bincount(Draws("weights").pick(40_000, [1.0, 0.0, 3.0]), minlength=3) / 40_000
    assert abs(picks[0] - 0.25) < 0.01
    assert picks[1] == 0
    assert abs(picks[2] - 0.75) < 0.01


def test_chances_may_differ_by_row() -> None:
    chances = Draws("chance").chance(4, np.asarray([0.0, 1.0, 0.0, 1.0]))
    assert chances.tolist() == [False, True, False, True]
