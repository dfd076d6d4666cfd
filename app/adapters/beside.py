"""Work done in a second process while this one does its own: two compiles of a large project take the time of one."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def beside(work: Callable[[], T], encode: Callable[[T], bytes], decode: Callable[[bytes], T]) -> Callable[[], T]:
    """Start `work` in a child, and return a function that waits for what it made; what is called raises what `work` raises.

    The child is a fork, so `work` may read anything that is there already; what it makes travels as bytes. Where a fork is not safe (other threads
    run) or not to be had, and where the child ends without an answer, the work is done here when its result is asked for.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1 or (os.cpu_count() or 1) < 2:
        return work
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return work
    if child == 0:
        _answer(work, encode, reading, writing)
    os.close(writing)

    def result() -> T:
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        return decode(data) if status == 0 and data else work()

    return result


def _answer(work: Callable[[], T], encode: Callable[[T], bytes], reading: int, writing: int) -> None:
    """In the child: write the result and end, without what an interpreter does at its end; whatever goes wrong, the parent sees a status."""
    status = 1
    with contextlib.suppress(BaseException):
        os.close(reading)
        data = encode(work())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(data)
        status = 0
    os._exit(status)
