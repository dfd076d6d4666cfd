"""Which part of a condition is refused: trees hold no places, so a refusal says of which names and constants it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from app.errors import Problem, UserError
from app.model.expr import And, Expr, Field, Like, Literal, Not, Or
from app.model.types import DataType
from app.sql.expressions.problems import PartError
from app.sql.expressions.walk import children, replace_leaves, walk


@contextmanager
def about(leaf: Expr, word: str = "") -> Iterator[None]:
    """What is raised inside is said of a leaf of a condition, or of a `word` within it."""
    try:
        yield
    except PartError:
        raise
    except UserError as error:
        raise _of(leaf, word, error) from None


def resolved(condition: Expr, name: Callable[[Expr], Expr], check: Callable[[Expr], Expr] = lambda made: made) -> Expr:
    """The condition with `name` made of each of its leaves, as `check` gives it.

    Raises UserError as they do, as of the leaf, or of the smallest part of the condition that is refused by itself.
    """

    latest = condition

    def named(leaf: Expr) -> Expr:
        nonlocal latest
        latest = leaf
        return name(leaf)

    try:
        made = replace_leaves(condition, named)
    except PartError:
        raise
    except UserError as error:
        raise _of(latest, "", error) from None
    try:
        return check(made)
    except PartError:
        raise
    except UserError as error:
        parts = _down(condition, lambda part: check(replace_leaves(part, name)))
        leaves = _leaves(parts[-1])
        if not leaves:
            raise
        at = _culprit(parts[-1], leaves, error.problem)
        runs = [(_leaves(part), at + _before(part, parts[number + 1 :])) for number, part in enumerate(parts)]
        raise PartError(runs, *error.problems) from None


def _of(leaf: Expr, word: str, error: UserError) -> PartError:
    """The error, as of a leaf."""
    return PartError([((leaf,), 0)], *error.problems, word=word or _word(leaf, error.problem))


def _down(condition: Expr, check: Callable[[Expr], Expr]) -> list[Expr]:
    """A refused condition, what of it is refused, and so on, down to that of which no part that is a condition itself is."""
    if isinstance(condition, And | Or | Not):
        for part in children(condition):
            try:
                check(part)
            except UserError:
                return [condition, *_down(part, check)]
    return [condition]


def _leaves(part: Expr) -> tuple[Expr, ...]:
    """The names and constants; NULL is a word of conditions too."""
    return tuple(leaf for leaf in walk(part) if not children(leaf) and not (isinstance(leaf, Literal) and leaf.value is None))


def _before(part: Expr, below: Sequence[Expr]) -> int:
    """How many leaves of a part stand before the last of those below it, each of which is one of the operands of the one before."""
    count = 0
    for inner in below:
        for operand in children(part):
            if operand is inner:
                break
            count += len(_leaves(operand))
        part = inner
    return count


def _culprit(part: Expr, leaves: Sequence[Expr], problem: Problem) -> int:
    """Which of the leaves to point at: the constant that the Problem names, else one that does not fit beside the rest, else the first leaf."""
    constants = [(at, leaf) for at, leaf in enumerate(leaves) if isinstance(leaf, Literal)]
    named = [at for at, leaf in constants if f"`{leaf.value}`" in problem.message]
    others = [at for at, leaf in constants if leaf.type is not DataType.TEXT] or [at for at, _ in constants]
    if problem.code == "DM3111" or isinstance(part, Like):
        return 0
    both = [at for at in named if at in others]
    return next(iter((*both, *named, *others)), len(leaves) - 1)


def _word(leaf: Expr, problem: Problem) -> str:
    """The word of a reference that is wrong: its grain or date part, where the Problem is about that."""
    if problem.code != "DM3006" or not isinstance(leaf, Field):
        return ""
    return leaf.grain or (leaf.date_part.value if leaf.date_part else leaf.name.rpartition("__")[2])
