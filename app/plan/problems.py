"""How the planner complains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.errors import Problem, UserError, Where


@contextmanager
def at(path: str) -> Iterator[None]:
    """Problems raised inside get the part of the query (`group_by[1]`) in which they are, unless they already have a place."""
    try:
        yield
    except UserError as error:
        raise UserError(*(p if p.where else replace(p, where=Where(path=path)) for p in error.problems)) from None


@contextmanager
def in_reach() -> Iterator[None]:
    """Trees are walked by recursion: what is nested deeper than Python goes (a deep filter over a deep dimension over a deep metric) is DM3112."""
    try:
        yield
    except RecursionError:
        raise UserError(Problem("DM3112", "the query's expressions are nested too deeply in one another")) from None
