"""How the planner complains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.errors import Problem, UserError, Where
from app.sql.expressions.problems import restated


@contextmanager
def at(path: str) -> Iterator[None]:
    """Problems raised inside get the part of the query (`group_by[1]`) in which they are, unless they already have a place."""
    try:
        yield
    except UserError as error:
        raise restated(error, lambda p: p if p.where else replace(p, where=Where(path=path))) from None


@contextmanager
def asked_for(metric: str) -> Iterator[None]:
    """What is wrong with a metric below the one that was asked for is said of that one too (DM3021)."""
    try:
        yield
    except UserError as error:

        def told(problem: Problem) -> Problem:
            if problem.code != "DM3021" or f"`{metric}`" in problem.message:
                return problem
            inner = problem.message.removeprefix("metric ").partition(" ")[0]
            return replace(problem, message=f"metric `{metric}` needs time among the group-by items: it looks at {inner} of other periods")

        raise restated(error, told) from None


@contextmanager
def in_reach() -> Iterator[None]:
    """Trees are walked by recursion: what is nested deeper than Python goes (a deep filter over a deep dimension over a deep metric) is DM3112."""
    try:
        yield
    except RecursionError:
        raise UserError(Problem("DM3112", "the query's expressions are nested too deeply in one another")) from None
