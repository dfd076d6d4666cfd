"""How often refusals are told."""

from __future__ import annotations

import datetime as dt

from app.service.refusals import EVERY, MOST, Refusals

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
OTHERS = ("github", "")


def test_the_first_is_told_at_once_and_the_rest_with_their_number() -> None:
    refusals, one = Refusals(), ("github", "10.0.0.1")
    assert refusals.count(one, OTHERS, NOW) == [(one, 1)]
    assert [refusals.count(one, OTHERS, NOW + dt.timedelta(seconds=second)) for second in range(59)] == [[]] * 59
    assert refusals.count(one, OTHERS, NOW + EVERY) == [(one, 60)]


def test_what_was_counted_is_told_also_where_it_ended() -> None:
    refusals, one, other = Refusals(), ("github", "10.0.0.1"), ("github", "10.0.0.2")
    for _ in range(5):
        refusals.count(one, OTHERS, NOW)
    assert sorted(refusals.count(other, OTHERS, NOW + EVERY)) == [(one, 4), (other, 1)]


def test_many_addresses_are_told_as_one() -> None:
    refusals, told = Refusals(), 0
    rows = [row for n in range(5000) for row in refusals.count(("github", f"10.0.{n}"), OTHERS, NOW)]
    assert len(rows) == MOST + 1
    told = sum(times for _, times in rows)
    late = refusals.count(("github", "10.1"), OTHERS, NOW + EVERY)
    assert told + sum(times for _, times in late) == 5001
    assert (OTHERS, 5000 - told) in late
