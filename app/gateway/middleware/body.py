"""Bodies are read whole before a route sees them: within a size, within a time, and declared as JSON."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Problem, UserError
from app.gateway.problems import answer, correlation_id

DRAIN = 16
"""How many times the limit is still read and thrown away: a client that is cut off while it sends may never see the answer."""


class BodyLimit:
    """Refuses bodies of more than `most` bytes (413), that take longer than `seconds` (408), or that are not JSON (415)."""

    def __init__(self, app: ASGIApp, most: int, seconds: float) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server for each request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
        except UserError as error:
            if error.problem.code == "DM7034":
                await self._drain(scope, receive)
            await answer(scope["method"], correlation_id(scope), error, headers={"Connection": "close"})(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _replay(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body, or None where the client went away. Raises UserError DM7034, DM7035 or DM7038."""
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "")
        if declared.isdecimal() and (len(declared) > 18 or int(declared) > self._most):
            raise self._too_large()
        chunks, size = [], 0
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunks.append(message.get("body", b""))
                    size += len(chunks[-1])
                    if size > self._most:
                        raise self._too_large()
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise UserError(Problem("DM7038", "the request's body did not arrive in time", hint="send it at once")) from None
        if size and headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise UserError(
                Problem("DM7035", "the request's body is not declared as JSON", hint="send it with Content-Type: application/json")
            )
        return b"".join(chunks)

    async def _drain(self, scope: Scope, receive: Receive) -> None:
        """Reads on for a while, where what is declared is not beyond all measure."""
        left = self._most * DRAIN
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 18 or int(declared) > left:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return

    def _too_large(self) -> UserError:
        return UserError(Problem("DM7034", f"the request's body has more than {self._most:,} bytes", hint="send less"))


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
