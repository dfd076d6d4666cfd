"""Trying again where another try may help: with more time between the tries each time, never all at once, and as the server asks."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

from app.ports.language_models import ModelUnavailable

T = TypeVar("T")


class Again(Exception):
    """A fault after which another try may help; `after` is how many seconds the server wants us to wait, None where it says nothing."""

    def __init__(self, fault: ModelUnavailable, after: float | None = None) -> None:
        super().__init__(fault.problem.code)
        self.fault = fault
        self.after = after


@dataclass(frozen=True, slots=True)
class Time:
    """The clock and the dice, so that tests need not wait."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform


@dataclass(frozen=True, slots=True)
class Patience:
    """`tries` in all; the wait before the second is `first` seconds at most and doubles with each, up to `most`; half of it is chance, so that those who failed
    together do not come back together."""

    tries: int = 3
    first: float = 0.5
    most: float = 8.0

    def wait(self, tried: int, after: float | None, time: Time) -> float:
        """How long to wait after so many tries: never less than the server asks."""
        full = min(self.first * 2 ** (tried - 1), self.most)
        return max(time.uniform(full / 2, full), after or 0.0)


def retried(attempt: Callable[[float], T], patience: Patience, seconds: float, time: Time) -> T:
    """What `attempt` makes, which is given the seconds that are left of `seconds`. Raises the fault of the last try, at once where the next would come too late."""
    ends = time.monotonic() + seconds
    for tried in range(1, patience.tries + 1):
        try:
            return attempt(ends - time.monotonic())
        except Again as again:
            wait = patience.wait(tried, again.after, time)
            if tried == patience.tries or time.monotonic() + wait >= ends:
                raise again.fault from None
            time.sleep(wait)
    raise AssertionError("at least one try is made")


def asked_wait(header: str, now: dt.datetime) -> float | None:
    """The seconds of a Retry-After header, which holds them or a date; None where it is neither."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp() - now.timestamp(), 0.0)
