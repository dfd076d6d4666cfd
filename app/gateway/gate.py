"""What the routes share: the Deps, and the bounded thread pool on which use cases run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
from fastapi import Request

from app.errors import DataMindError, Problem, UserError
from app.gateway.config import GatewayConfig
from app.gateway.metrics import Metrics
from app.gateway.streams import Streams
from app.ports import Cancel
from app.service.refusals import Refusals

if TYPE_CHECKING:
    from app.pipeline.turn import Turn
    from app.service.deps import Deps

T = TypeVar("T")
PROBE_THREADS = 2
"""Threads kept for health and readiness, which must answer when all others are at work."""
MOST_LONG = 2
"""How many use cases may go on at a time that take minutes; each has a thread of its own, so that none of those that answer is held."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One app's shared things, kept in `app.state.gate`."""

    deps: Deps
    config: GatewayConfig
    metrics: Metrics
    threads: anyio.CapacityLimiter
    probes: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(PROBE_THREADS))
    long: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(MOST_LONG))
    streams: Streams = field(default_factory=Streams)
    refusals: Refusals = field(default_factory=Refusals)
    denials: Refusals = field(default_factory=Refusals)
    started: float = field(default_factory=time.monotonic)


def gate_of(request: Request) -> Gate:
    """The app's Gate."""
    found: Gate = request.app.state.gate
    return found


class Work:
    """Runs use cases for one request; they are cancelled when the client goes away."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._gate = gate_of(request)
        self.deps = self._gate.deps

    async def __call__(
        self, use_case: Callable[[], T], *, cancel: Cancel | None = None, probe: bool = False, threads: anyio.CapacityLimiter | None = None
    ) -> T:
        """What the use case returns, run on a thread of the pool, or of the `threads` given. It raises what the use case raises."""
        handle = cancel or Cancel()
        watcher = asyncio.create_task(self._watch(handle))
        try:
            with self._gate.metrics.working.track_inprogress():
                own = self._gate.probes if probe else self._gate.threads
                return await anyio.to_thread.run_sync(use_case, limiter=threads or own)
        except asyncio.CancelledError:
            handle.cancel()
            raise
        finally:
            watcher.cancel()

    async def long(self, use_case: Callable[[Cancel], T]) -> T:
        """The same for one that may take minutes. Raises UserError DM8038 too, where as many go on as may."""
        cancel = Cancel()
        try:
            self._gate.long.acquire_on_behalf_of_nowait(cancel)
        except anyio.WouldBlock:
            hint = "wait until it has ended, or have a worker do it: POST /api/v1/admin/sync"
            raise UserError(Problem("DM8038", "others have this gateway compile already", hint=hint)) from None
        try:
            return await self(lambda: use_case(cancel), cancel=cancel, threads=anyio.CapacityLimiter(1))
        finally:
            self._gate.long.release_on_behalf_of(cancel)

    async def turn(self, door: str, use_case: Callable[[Cancel], Turn]) -> Turn:
        """A turn, counted by how it ended."""
        cancel = Cancel()
        try:
            turn = await self(lambda: use_case(cancel), cancel=cancel)
        except DataMindError as error:
            self._gate.metrics.turned(door, error.problem.code[:3])
            raise
        self._gate.metrics.turned(door, str(turn.answer.outcome) if turn.answer else "generated")
        return turn

    async def _watch(self, cancel: Cancel) -> None:
        """Waits for the client to go away. The callbacks of engines talk to servers, so they run on a thread of their own."""
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        await anyio.to_thread.run_sync(cancel.cancel, limiter=self._gate.probes)
