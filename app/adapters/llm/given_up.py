"""A call for which nobody waits any more: it is left behind at once, whatever it hangs on."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

from app.adapters.llm import problems
from app.ports import Cancel
from app.ports.language_models import ModelUnavailable

T = TypeVar("T")


class GivenUp(ModelUnavailable):
    """DM8090: who asked has gone. It says nothing of the provider."""

    def __init__(self, provider: str) -> None:
        super().__init__(*problems.unreachable(provider, "nobody waits for it any more").problems)


def stop_if_given_up(cancel: Cancel | None, provider: str) -> None:
    """Called before each thing that would be in vain. Raises GivenUp."""
    if cancel is not None and cancel.cancelled:
        raise GivenUp(provider)


def while_wanted(call: Callable[[], T], cancel: Cancel | None, provider: str) -> T:
    """What the call makes, which runs on a thread of its own: a name that is looked up, or a connection that is being made, can't be ended from outside. Raises GivenUp
    as soon as it is cancelled, and what the call raises."""
    if cancel is None:
        return call()
    stop_if_given_up(cancel, provider)
    made: list[T] = []
    failed: list[BaseException] = []
    over = threading.Event()

    def run() -> None:
        try:
            made.append(call())
        except BaseException as error:  # it is the waiter's to raise
            failed.append(error)
        finally:
            over.set()

    forget = cancel.on_cancel(over.set)
    try:
        threading.Thread(target=contextvars.copy_context().run, args=(run,), name="language-model", daemon=True).start()
        over.wait()
    finally:
        forget()
    stop_if_given_up(cancel if not made else None, provider)
    if failed:
        raise failed[0]
    return made[0]
