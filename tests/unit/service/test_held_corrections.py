"""What a process holds of approved corrections while the store can't be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from app.errors import InternalError, Problem
from app.model.corrections import Correction
from app.service.held_corrections import HeldCorrections

AT = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
ONE = Correction("apr_1", "default", "fbk_1", "qry_1", "usr_1", "the board", "", "select 1", "postgres", AT.date(), "usr_2", AT, "v1")


class Store:
    """Gives one pair, or fails."""

    def __init__(self) -> None:
        self.fails = True
        self.asked = 0

    def __call__(self) -> Sequence[Correction]:
        self.asked += 1
        if self.fails:
            raise InternalError(Problem("DM8002", "the store does not answer"))
        return [ONE]


def test_what_was_never_known_is_not_taken_for_nothing() -> None:
    store = Store()
    held = HeldCorrections(store, poll_seconds=600)
    for _ in range(2):
        with pytest.raises(InternalError):
            held()
    store.fails = False
    assert [pair.id for pair in held().pairs] == ["apr_1"]
    assert store.asked == 3


def test_what_is_held_stays_where_the_store_fails() -> None:
    store = Store()
    store.fails = False
    held = HeldCorrections(store, poll_seconds=600)
    known = held()
    store.fails = True
    held.expire()
    assert held() is known
    store.fails = False
    held.expire()
    assert held() is known
