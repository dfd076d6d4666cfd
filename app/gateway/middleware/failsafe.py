"""The last net: an exception that no handler knew is answered with an id and logged, and never reaches the server's own traceback page."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.gateway.problems import correlation_id, unexpected


class Failsafe:
    """Answers unforeseen exceptions; where the response has begun, it ends the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server for each request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            response = unexpected(correlation_id(scope), error)
            if not begun:
                await response(scope, receive, send)
