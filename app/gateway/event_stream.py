"""The response that a stream of events is: refused as any request while nothing was sent, ended by an event that says why after that."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.errors import DataMindError
from app.gateway.callers import may_listen
from app.gateway.denied import denied
from app.gateway.gate import gate_of
from app.gateway.problems import answer, correlation_id, unexpected
from app.gateway.streams import END, as_failure, as_sse


class EventStream(StreamingResponse):
    """The events of a job, or ("") of every job, after a number, as server-sent events. It has its place among the streams from when it is made until
    the connection ends, also where nothing was ever sent on it."""

    media_type = "text/event-stream"

    def __init__(self, request: Request, job_id: str, after: int) -> None:
        """Raises UserError DM8037 where too many streams are open."""
        self._streams = gate_of(request).streams
        super().__init__(_told(request, job_id, after))
        self._streams.take()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave()


async def _told(request: Request, job_id: str, after: int) -> AsyncIterator[bytes]:
    gate = gate_of(request)
    try:
        async for event in gate.streams.follow(gate.deps, job_id, after, may_listen(gate.deps, request)):
            yield as_sse(event)
        yield END
    except DataMindError as error:
        await denied(request, error)
        yield as_failure(bytes(answer(request.method, correlation_id(request.scope), error).body))
    except Exception as error:  # headers are sent: there is no other way left to tell it
        yield as_failure(bytes(unexpected(correlation_id(request.scope), error).body))
