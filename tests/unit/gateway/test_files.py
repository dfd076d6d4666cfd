"""A file is noted as handed over with its last byte, and as failed where somebody or something came between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from app.gateway.files import FileResponse
from app.service.exports.formats import Exported, ExportFormat


def handed(pieces: Any, *, gone_after: int = 99) -> tuple[list[str], list[bytes]]:
    """What is told of the end, and the pieces that were sent, to a client that goes away after so many."""
    ended: list[str] = []
    sent: list[bytes] = []

    async def walked() -> None:
        gone = asyncio.Event()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                sent.append(message["body"])
                if len(sent) >= gone_after:
                    gone.set()
                    await asyncio.sleep(0.05)

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        file = FileResponse(Exported("a.csv", ExportFormat.CSV, pieces, 3, ended=ended.append))
        await file({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)

    asyncio.run(walked())
    return ended, sent


def slowly(*pieces: bytes) -> Iterator[bytes]:
    for piece in pieces:
        time.sleep(0.01)
        yield piece


def test_with_the_last_byte() -> None:
    assert handed(slowly(b"a", b"b")) == ([""], [b"a", b"b", b""])


def test_a_client_that_goes_away() -> None:
    ended, sent = handed(slowly(b"a", b"b", b"c"), gone_after=1)
    assert ended == ["DM5003"]
    assert sent == [b"a"]


def test_a_connection_that_breaks() -> None:
    ended: list[str] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("broken pipe")

    async def receive() -> Any:
        await asyncio.sleep(60)

    file = FileResponse(Exported("a.csv", ExportFormat.CSV, slowly(b"a", b"b"), 2, ended=ended.append))
    with pytest.raises(ClientDisconnect):
        asyncio.run(file({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send))
    assert ended == ["DM5003"]


def test_pieces_that_can_not_be_made() -> None:
    ended: list[str] = []

    def breaks() -> Iterator[bytes]:
        yield b"a"
        raise ZeroDivisionError

    async def quiet(*_given: Any) -> Any:
        await asyncio.sleep(0)

    async def receive() -> Any:
        await asyncio.sleep(60)

    file = FileResponse(Exported("a.csv", ExportFormat.CSV, breaks(), 2, ended=ended.append))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(file({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, quiet))
    assert ended == ["DM9001"]
