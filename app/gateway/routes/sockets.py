"""The same events over WebSocket. A browser, which can set no header there, gives its token as a subprotocol behind `bearer`."""

from __future__ import annotations

import asyncio
import contextlib
import re
from functools import partial

import anyio.to_thread
from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.errors import DataMindError, Problem, UserError, Where
from app.gateway.callers import BEARER, may_listen
from app.gateway.config import PREFIX
from app.gateway.denied import denied
from app.gateway.gate import Gate
from app.gateway.problems import answer, correlation_id
from app.gateway.streams import LAST, body_of
from app.service.jobs import newest_event

router = APIRouter(prefix=PREFIX)

REFUSED = 1008
"""RFC 6455, 7.4.1: the endpoint ends the connection since the peer breaks its policy."""
_JOB = re.compile(r"job_[0-9a-f]{32}")


@router.websocket("/jobs/{job_id}/events")
async def follow(socket: WebSocket, job_id: str) -> None:
    """What happens in a job, one JSON object a message; closed normally after the last."""
    await _follow(socket, job_id if _JOB.fullmatch(job_id) else "job_")


@router.websocket("/events")
async def follow_all(socket: WebSocket) -> None:
    """What happens in every job of the project, from now on or behind `?after=`."""
    await _follow(socket, "")


async def _follow(socket: WebSocket, job_id: str) -> None:
    """Refused before the handshake with the problem document that a request gets, closed with the problem's code after it."""
    gate: Gate = socket.app.state.gate
    try:
        await gate.streams.run(may_listen(gate.deps, socket))
        after = await _after(socket, gate, job_id)
        gate.streams.take()
    except DataMindError as error:
        await denied(socket, error)
        token_given = "authorization" in socket.headers or "sec-websocket-protocol" in socket.headers
        await socket.send_denial_response(answer("GET", correlation_id(socket.scope), error, token_given=token_given))
        return
    try:
        with contextlib.suppress(WebSocketDisconnect):
            await _tell(socket, gate, job_id, after)
    except DataMindError as error:
        await denied(socket, error)
        await socket.close(REFUSED, error.problem.code)
    finally:
        gate.streams.leave()


async def _tell(socket: WebSocket, gate: Gate, job_id: str, after: int) -> None:
    """Until there is no more to tell, or nobody whom to tell it: a place that is not needed any more is free at once."""
    offered = socket.headers.get("sec-websocket-protocol", "").startswith(BEARER)
    await socket.accept(subprotocol=BEARER if offered else None)
    both = telling, _ = asyncio.create_task(_events(socket, gate, job_id, after)), asyncio.create_task(_gone(socket))
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)
    if not telling.cancelled():
        telling.result()


async def _events(socket: WebSocket, gate: Gate, job_id: str, after: int) -> None:
    async for event in gate.streams.follow(gate.deps, job_id, after, may_listen(gate.deps, socket)):
        await socket.send_text(body_of(event).decode() if event is not None else "{}")
    await socket.close()


async def _gone(socket: WebSocket) -> None:
    """Returns when the other end is gone. What it says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _after(socket: WebSocket, gate: Gate, job_id: str) -> int:
    """The number behind which to go on: `?after=`; without it a job is told from its beginning, and all of them from now on. Raises UserError DM7031 where it
    is none."""
    text = socket.query_params.get("after", "")
    if text:
        if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LAST)) or int(text) > LAST:
            raise UserError(
                Problem("DM7031", "query.after: it is no number of an event", where=Where(path="after"), hint="send the last event's `seq`")
            )
        return int(text)
    if job_id:
        return 0
    return await anyio.to_thread.run_sync(partial(newest_event, gate.deps), limiter=gate.streams.threads)
