"""Events of jobs as they happen, over server-sent events and WebSocket: one loop that looks into the store, so that a missing Redis costs nothing."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial

import anyio
import anyio.to_thread
import msgspec

from app.errors import InternalError, Problem, UserError
from app.model.jobs import JobEvent
from app.service.deps import Deps
from app.service.jobs import events_after
from app.service.present import to_json

LOOK_SECONDS = 0.25
"""How often the store is asked for more."""
CHECK_SECONDS = 30.0
"""How often it is asked whether the listener may still listen."""
BEAT_SECONDS = 15.0
"""After so long without an event something is sent all the same, so that no proxy takes the connection for dead."""
LAST = 2**63 - 1
"""The highest number that an event may have."""
AWAY = frozenset({"DM8011", "DM8012"})
"""Problems of a store that will answer again."""
MOST = 100
"""How many streams are served at a time."""


@dataclass(slots=True)
class Streams:
    """What all streams of an app share: a few threads, and a bound on their number."""

    threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(4))
    open: int = 0

    def take(self) -> None:
        """Take a place, which is given back by `leave`. Raises UserError DM8037 where none is free."""
        if self.open >= MOST:
            raise UserError(Problem("DM8037", "too many streams of events are open", hint="ask GET /api/v1/jobs/{id} now and then instead"))
        self.open += 1

    def leave(self) -> None:
        """Give a place back."""
        self.open -= 1

    async def run(self, use_case: Callable[[], object]) -> None:
        """Run it on one of the threads; raises what it raises."""
        await anyio.to_thread.run_sync(use_case, limiter=self.threads)

    async def follow(self, deps: Deps, job_id: str, after: int, allowed: Callable[[], object]) -> AsyncIterator[JobEvent | None]:
        """The events after a number, as they come; None where for a while there was none. Ends with the job, or for all of them never.

        `allowed` raises where the listener may listen no more. A store that is away is waited for; what else it raises is raised.
        """
        checked = told = time.monotonic()
        while True:
            try:
                if time.monotonic() - checked >= CHECK_SECONDS:
                    await self.run(allowed)
                    checked = time.monotonic()
                found, ended = await anyio.to_thread.run_sync(partial(events_after, deps, job_id, after), limiter=self.threads)
            except InternalError as error:
                if error.problem.code not in AWAY:
                    raise
                found, ended = (), False
            for event in found:
                after, told = event.seq, time.monotonic()
                yield event
            if ended:
                return
            if time.monotonic() - told >= BEAT_SECONDS:
                told = time.monotonic()
                yield None
            await anyio.sleep(LOOK_SECONDS)


def body_of(event: JobEvent) -> bytes:
    """An event as JSON: its number, job, time and kind, and what it tells."""
    return to_json({"seq": event.seq, "job_id": event.job_id, "at": event.at, "kind": event.kind, "data": msgspec.json.decode(event.data)})


def as_sse(event: JobEvent | None) -> bytes:
    """An event as a server-sent event (HTML standard, 9.2.6); None as a comment."""
    if event is None:
        return b": nothing new\n\n"
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.seq, str(event.kind).encode(), body_of(event))


def as_failure(document: bytes) -> bytes:
    """A problem document, in JSON, as the server-sent event `error`: what ended the stream."""
    return b"event: error\ndata: %s\n\n" % document


END = b"event: end\ndata: {}\n\n"
"""Told at the end of a job's events: the client need not come back."""
