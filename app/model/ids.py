"""Prefixed, sortable identifiers: `qry_` and 32 hexadecimal digits of a UUID of version 7."""

from __future__ import annotations

import datetime as dt
import secrets
import time


def uuid7_hex(milliseconds: int) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) for a time in milliseconds since 1970, as 32 hexadecimal digits."""
    random = secrets.randbits(74)
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (2**62 - 1)
    return f"{value:032x}"


def new_id(prefix: str) -> str:
    """A fresh id such as `qry_0198…`; ids of one prefix sort by the millisecond in which they were made."""
    return f"{prefix}_{uuid7_hex(time.time_ns() // 1_000_000)}"


def first_id(prefix: str, since: dt.datetime) -> str:
    """What sorts before every id of the prefix that was made at that (aware) time or later, and after those made before."""
    return f"{prefix}_{int(since.timestamp() * 1000):012x}"
