"""Where in a request a Problem stands: trees hold no places, so what is wrong with a part of one is looked for in the texts that people wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.errors import Problem, UserError, Where, both
from app.model.expr import Expr, Field
from app.model.query import GroupBy
from app.service.request import QueryRequest
from app.sql.expressions.fields import parse_group_by
from app.sql.expressions.problems import PartError, place
from app.sql.expressions.spots import find, quoting, within


def placed(error: UserError, request: QueryRequest) -> UserError:
    """The error, with the place (`where[0]:1:9`) of what it is about, and a hint where that is a text or date without quotes.

    A part that no text of the request holds (one of a metric's own filter, say) has no place in it.
    """
    if not isinstance(error, PartError):
        return error
    for path, text in _texts(request):
        spot = find(text, error.runs)
        if spot is not None:
            where = place(text, within(text, spot, error.word))
            hint = quoting(text, spot, unknown=error.problem.code == "DM3002")
            return error.saying(*(_at(problem, replace(where, path=path), hint) for problem in error.problems))
    leaf = error.leaf
    path = next((f"group_by[{number}]" for number, item in enumerate(request.group_by) if _is_item(item, leaf)), "")
    return error.saying(*(_at(problem, Where(path=path), "") for problem in error.problems)) if path else error


def _is_item(text: str, leaf: Expr) -> bool:
    """Whether a reference is what the group-by item means: its links may have been written out, and a grain put to it."""
    if not isinstance(leaf, Field) or leaf.kind == "metric":
        return False
    column = parse_group_by(text).column
    meant = GroupBy(leaf.name, leaf.grain, leaf.date_part, leaf.path).column
    return any(name == column or name.endswith(f"__{column}") for name in (meant, leaf.name))


def _at(problem: Problem, where: Where, hint: str) -> Problem:
    """The Problem there; one that has a line already keeps it, or a part of the query where no line is known."""
    if problem.where is not None and (problem.where.line or not where.line):
        return problem
    return replace(problem, where=where, hint=both(hint, problem.hint))


def _texts(request: QueryRequest) -> Iterator[tuple[str, str]]:
    """The texts that hold expressions, each with its path."""
    yield from ((f"where[{number}]", text) for number, text in enumerate(request.where))
    if request.having:
        yield "having", request.having
