"""Cursors: opaque to callers, the last id of a page to us."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.errors import Problem, UserError, Where

T = TypeVar("T")
_ID = re.compile(r"[a-z]{2,8}_[0-9a-f]{32}")
_GREATEST = 2**63 - 1
"""What the store can compare a number with: none that we gave is greater."""


def encode(last_id: str) -> str:
    """The cursor of the page after `last_id`."""
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    """The id that the cursor stands for; "" for none. Raises UserError DM7036 where it is not one that we gave."""
    if not cursor:
        return ""
    try:
        found = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        found = ""
    if not _ID.fullmatch(found):
        raise _unknown()
    return found


def of_number(number: int) -> str:
    """A number in the shape of an id, for lists that go by numbers."""
    return f"num_{number:032x}"


def decode_number(cursor: str) -> int:
    """The number that the cursor stands for; 0 for none. Raises UserError DM7036 as `decode`."""
    found = decode(cursor)
    number = int(found[4:], 16) if found.startswith("num_") else 0
    if found and not 0 < number <= _GREATEST:
        raise _unknown()
    return number


def page(found: Sequence[T], limit: int, id_of: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """Of up to `limit` + 1 items found: those of this page, and the cursor of the next, None at the end."""
    if len(found) <= limit:
        return found, None
    return found[:limit], encode(id_of(found[limit - 1]))


def cut(items: Sequence[T], limit: int, cursor: str, key_of: Callable[[T], str]) -> dict[str, Any]:
    """A page of a list that is held whole: `items` after the one that the cursor names, and the next cursor.

    Raises UserError DM7036 where the list has no such item (any more: a new layer may have been published).
    """
    start = 0
    if cursor:
        place = {encode(key_of(item)): index for index, item in enumerate(items)}.get(cursor)
        if place is None:
            raise _unknown()
        start = place + 1
    shown = items[start : start + limit]
    more = start + limit < len(items)
    return {"items": shown, "next_cursor": encode(key_of(shown[-1])) if more else None}


def _unknown() -> UserError:
    return UserError(Problem("DM7036", "the cursor is not one of ours", where=Where(path="cursor"), hint="begin again without a cursor"))
