"""Content encodings of requests and responses, each bounded in size."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Protocol, cast

from app.adapters.embedded.clickhouse_server.failure import Failure

MAX_BODY_BYTES = 512 << 20  # as received, and as decompressed
_WORTHWHILE_BYTES = 4096
_CHUNK = 1 << 20


class Readable(Protocol):
    """What a decompressor gives: bytes, a piece at a time."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


def decode(body: bytes, encoding: str) -> bytes:
    """A request's body as it was before `Content-Encoding`. Raises Failure 36, 48 or 298."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    try:
        return _bounded(_reader(body, name))
    except Failure:
        raise
    except Exception as error:  # each library has its own exceptions for bad data
        raise Failure(36, f"Cannot decompress the request as {name} ({type(error).__name__})") from None


def _reader(body: bytes, name: str) -> Readable:
    source = io.BytesIO(body)
    if name == "gzip":
        return gzip.GzipFile(fileobj=source)
    if name == "lz4":
        import lz4.frame

        return cast(Readable, lz4.frame.open(source))
    if name == "zstd":
        from backports import zstd

        return zstd.open(source)
    if name == "deflate":
        return io.BytesIO(zlib.decompressobj().decompress(body, MAX_BODY_BYTES + 1))
    raise Failure(48, f"Unsupported content encoding {name[:32]}")


def _bounded(stream: Readable) -> bytes:
    whole = bytearray()
    while chunk := stream.read(_CHUNK):
        whole += chunk
        if len(whole) > MAX_BODY_BYTES:
            raise too_large()
    return bytes(whole)


def encode(body: bytes, accepted: str) -> tuple[bytes, str]:
    """A response's body in the first of its client's encodings that is worth the while, and that encoding's name or ""."""
    names = [part.partition(";")[0].strip().lower() for part in accepted.split(",")]
    if len(body) < _WORTHWHILE_BYTES:
        return body, ""
    for name in names:
        if name == "lz4":
            import lz4.frame

            return bytes(lz4.frame.compress(body)), name
        if name == "zstd":
            from backports import zstd

            return bytes(zstd.compress(body, 1)), name
        if name == "gzip":
            return gzip.compress(body, 1), name
        if name == "deflate":
            return zlib.compress(body, 1), name
    return body, ""


def too_large() -> Failure:
    """Failure 298 (HTTP 413)."""
    return Failure(298, f"Query is too large: a request may hold {MAX_BODY_BYTES >> 20} MiB")
