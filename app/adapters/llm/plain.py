"""That no key goes over a wire on which others can read it."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

_LOOPBACK = "localhost"


def plain_host(url: str, proxy: str, key: str, allowed: Collection[str]) -> str:
    """The host to which a key, or the password of the URL, would go over http; "" where it goes nowhere so, or only to this machine or an `allowed` host.

    Over http a proxy reads what it hands on, so it is such a host too.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not (key or parts.password):
        return ""
    hosts = [parts.hostname or "", *([urlsplit(proxy).hostname or ""] if proxy else [])]
    known = {one.strip().casefold().strip("[]") for one in allowed}
    return next((host for host in hosts if not _is_here(host) and host.casefold() not in known), "")


def _is_here(host: str) -> bool:
    """Whether the host is this machine by its name alone: what a resolver says of another name can change."""
    try:
        return host == _LOOPBACK or ip_address(host).is_loopback
    except ValueError:
        return False
