"""An HTTP request of ClickHouse's interface, read with bounds: URL parameters, body, form fields and credentials."""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
from collections.abc import Mapping
from email.message import Message
from io import BufferedIOBase
from urllib.parse import parse_qsl

from app.adapters.embedded.clickhouse_server.encoding import MAX_BODY_BYTES, decode, too_large
from app.adapters.embedded.clickhouse_server.failure import Failure

_MAX_PARAMETERS = 2000


def parameters(query_string: str) -> dict[str, str]:
    """The URL's parameters, the last of a name. Raises Failure 36."""
    try:
        return dict(parse_qsl(query_string, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS, errors="strict"))
    except ValueError:
        raise Failure(36, "The parameters of the URL are not readable") from None


def credentials(headers: Message, sent: Mapping[str, str]) -> tuple[str, str]:
    """User and password: from Authorization, else ClickHouse's headers, else the URL. Raises Failure 516."""
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Failure(516, "Invalid Basic authentication") from None
        return user, password
    if scheme:
        raise Failure(516, "Only Basic authentication is supported")
    user = headers.get("X-ClickHouse-User") or sent.get("user") or "default"
    return user, headers.get("X-ClickHouse-Key") or sent.get("password") or ""


def body(headers: Message, stream: BufferedIOBase) -> bytes:
    """The body, unchunked and decompressed. Raises Failure 36, 48, 270 or 298."""
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        raw = _chunks(stream)
    else:
        length = headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit():
            raise Failure(270, "Content-Length is not a number")
        if int(length) > MAX_BODY_BYTES:
            raise too_large()
        raw = stream.read(int(length))
        if len(raw) < int(length):
            raise ConnectionError("the client left")
    return decode(raw, headers.get("Content-Encoding", ""))


def _chunks(stream: BufferedIOBase) -> bytes:
    whole = bytearray()
    while True:
        head = stream.readline(1024).partition(b";")[0].strip()
        try:
            size = int(head, 16)
        except ValueError:
            raise Failure(36, "The chunks of the request are not readable") from None
        if size < 0 or len(whole) + size > MAX_BODY_BYTES:
            raise too_large()
        if size == 0:
            while stream.readline(65536).strip():
                pass
            return bytes(whole)
        chunk = stream.read(size)
        if len(chunk) < size:
            raise ConnectionError("the client left")
        whole += chunk
        stream.readline(1024)


def form(headers: Message, content: bytes) -> dict[str, str]:
    """The fields of a multipart form, which clients use for long parameters. Raises Failure 48 for files (external tables) and 36."""
    head = f"Content-Type: {headers.get('Content-Type', '')}\r\n\r\n".encode("latin-1", "replace")
    message = email.message_from_bytes(head + content, policy=email.policy.HTTP)
    if not message.is_multipart():
        raise Failure(36, "The form of the request is not readable")
    fields: dict[str, str] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None:
            raise Failure(48, "External tables are not supported")
        value = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(value, bytes):
            raise Failure(36, "The form of the request is not readable")
        fields[name] = value.decode()
    return fields
