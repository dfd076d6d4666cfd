"""Work that is cancelled where it takes too long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.ports import Cancel


@contextmanager
def ended_after(seconds: float) -> Iterator[Cancel]:
    """A handle that cancels what it is given to, once the block has lasted so long."""
    cancel = Cancel()
    timer = threading.Timer(seconds, cancel.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield cancel
    finally:
        timer.cancel()
