"""Deadlines by one thread."""

from __future__ import annotations

import threading
import time

from app.adapters.engines.watchdog import Watchdog


def test_it_barks_once_at_what_takes_too_long_and_in_order():
    watchdog, heard, done = Watchdog(), [], threading.Event()
    with (
        watchdog.guard(0.2, done.set),
        watchdog.guard(0.05, lambda: heard.append("inner")),
        watchdog.guard(30, lambda: heard.append("never")),
    ):
        assert done.wait(2)
    assert heard == ["inner"]
    watchdog.close()


def test_what_ends_in_time_is_left_alone():
    watchdog, heard = Watchdog(), []
    for _ in range(50):
        with watchdog.guard(0.05, lambda: heard.append("late")):
            pass
    time.sleep(0.15)
    assert heard == []
    watchdog.close()
    with watchdog.guard(0.01, lambda: heard.append("again")):
        time.sleep(0.2)
    assert heard == ["again"]
    watchdog.close()
