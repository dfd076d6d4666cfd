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


def not_served(what: str, subject: str) -> UserError:
    """DM3020: the layer may say it, but the planner can't compute it yet."""
    return UserError(
        Problem("DM3020", f"{what} are not served yet: {subject}", hint="the definition is kept and will answer once they are")
    )
