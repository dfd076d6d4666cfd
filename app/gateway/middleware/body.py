"""Bodies are read whole before a route sees them: within a size, within a time, and declared as JSON."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Problem, UserError
from app.gateway.problems import answer, correlation_id

DRAIN = 16
"""How many times the limit is still read and thrown away: a client that is cut off while it sends may never see the answer."""


LARGE = 4
"""How many bodies above the common limit are held at a time: it bounds what people without a token can make the gateway keep in memory."""
MOST_PARTS = 50_000
"""Lists and objects in a body: a megabyte of empty ones keeps the parser, and with it everybody, busy for a second. Brackets in texts count too, being cheap to count."""


class BodyLimit:
    """Refuses bodies of more than `most` bytes (413), that take longer than `seconds` (408), that are not JSON (415), or that have too many parts (400).

    Paths in `large` have a limit of their own, and twice the time; what is above the common limit waits its turn, within that time.
    """

    def __init__(self, app: ASGIApp, most: int, seconds: float, large: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._large = large or {}
        self._places = asyncio.Semaphore(LARGE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server for each request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        end = asyncio.get_running_loop().time() + self._seconds * (2 if scope["path"] in self._large else 1)
        async with contextlib.AsyncExitStack() as place:
            try:
                body = await self._read(scope, receive, place, end)
            except UserError as error:
                if error.problem.code == "DM7034":
                    await self._drain(scope, receive, end)
                await answer(scope["method"], correlation_id(scope), error, headers={"Connection": "close"})(scope, receive, send)
                return
            if body is not None:
                await self._app(scope, _replay(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive, place: contextlib.AsyncExitStack, end: float) -> bytes | None:
        """The body, or None where the client went away; a large one holds a place. Raises UserError DM7030, DM7034, DM7035, or DM7038 at `end`."""
        headers, most = Headers(scope=scope), self._large.get(scope["path"], self._most)
        declared, waited = headers.get("content-length", ""), False
        if declared.isdecimal() and (len(declared) > 18 or int(declared) > most):
            raise _too_large(most)
        body = bytearray()
        try:
            async with asyncio.timeout_at(end):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise _too_large(most)
                    if len(body) > self._most and not waited:
                        await place.enter_async_context(self._places)
                        waited = True
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise UserError(Problem("DM7038", "the request's body did not arrive in time", hint="send it at once")) from None
        if body and headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise UserError(
                Problem("DM7035", "the request's body is not declared as JSON", hint="send it with Content-Type: application/json")
            )
        if scope["path"] not in self._large and body.count(b"[") + body.count(b"{") > MOST_PARTS:
            raise UserError(Problem("DM7030", f"the request's body has more than {MOST_PARTS:,} lists and objects", hint="send fewer"))
        return bytes(body)

    async def _drain(self, scope: Scope, receive: Receive, end: float) -> None:
        """Reads on until `end`, where what is declared is not beyond all measure."""
        left = max(self._most * DRAIN, 2 * self._large.get(scope["path"], 0))
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 18 or int(declared) > left:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return


def _too_large(most: int) -> UserError:
    return UserError(Problem("DM7034", f"the request's body has more than {most:,} bytes", hint="send less"))


def _replay(body: bytes, receive: Receive) -> Receive:
    """A channel that gives the body once, and then what the server says: that the client went away."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving
