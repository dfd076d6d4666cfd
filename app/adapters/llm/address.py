"""By what one address of a vendor's models is told from another."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, urlsplit

_PORTS = {"http": 80, "https": 443}
_TELLING = "api-version"
"""The one parameter of an address that says what answers there; any other may be a secret."""


def mark_of(url: str, own: str = "") -> str:
    """Twelve hexadecimal digits for an address, "" for the vendor's `own` or none. Nothing secret is in it: user, password, key and parameters are left out."""
    place = _place(url)
    return "" if not url or place == _place(own) else hashlib.sha256(place.encode()).hexdigest()[:12]


def _place(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:  # no address, which is told where it is to be used
        return ""
    path = parts.path.rstrip("/").removesuffix("/openai/v1")
    return f"{parts.scheme}://{host}:{port}{path}?{parse_qs(parts.query).get(_TELLING, [''])[0]}"
