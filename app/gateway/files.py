"""A file as the body of a response: who made it is told when its last byte was handed over, or that it never was."""

from __future__ import annotations

from collections.abc import Callable

import anyio
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.service.exports.formats import Exported
from app.service.exports.recorded import GONE


class FileResponse(StreamingResponse):
    """The pieces of a file. `ended` is told once, with the code of what came between, "" for nothing."""

    def __init__(self, file: Exported) -> None:
        headers = {
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "X-Rows": str(file.rows),
            "X-Truncated": "true" if file.truncated else "false",
        }
        super().__init__(file.pieces, media_type=file.format.media_type, headers=headers)
        self._ended: Callable[[str], None] = file.ended
        self._problem = GONE

    async def stream_response(self, send: Send) -> None:
        """As it is, with a note of its end: a client that goes away ends it from outside."""
        try:
            await super().stream_response(send)
        except Exception as error:
            self._problem = GONE if isinstance(error, OSError) else "DM9001"
            raise
        self._problem = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and say how that ended whatever happens."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._ended, self._problem)
