"""Correlation ids: taken from the caller where they are harmless, made otherwise, given back, and bound to every log line."""

from __future__ import annotations

import re

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.model.ids import new_id

HEADER = "X-Correlation-ID"
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class Correlation:
    """Sets `scope["state"]["correlation_id"]` and the response's header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server for each request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        correlation = given if _HARMLESS.fullmatch(given) else new_id("cor")
        scope.setdefault("state", {})["correlation_id"] = correlation

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = correlation
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation):
            await self._app(scope, receive, sending)
