"""How the planner complains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.errors import UserError, Where


@contextmanager
def at(path: str) -> Iterator[None]:
    """Problems raised inside get the part of the query (`group_by[1]`) in which they are, unless they already have a place."""
    try:
        yield
    except UserError as error:
        raise UserError(*(p if p.where else replace(p, where=Where(path=path)) for p in error.problems)) from None
