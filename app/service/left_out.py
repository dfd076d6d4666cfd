"""Why a metric that the project declares is not there: said to those who could mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.errors import Problem, UserError
from app.model.expr import Field
from app.model.ontology import Layer, LeftOut
from app.model.principal import Principal, Role
from app.model.query import SemanticQuery
from app.model.shapes import Calculation, metric_of
from app.service.request import QueryRequest
from app.sql.calculations import parse_calculation
from app.sql.expressions.problems import PartError, restated

_NAMES = frozenset({"DM3001", "DM3002", "DM3015"})
"""Codes that say that there is nothing of a name."""


def with_cause(error: UserError, asked: QueryRequest | SemanticQuery | str, layer: Layer, principal: Principal) -> UserError:
    """The error, where it says that there is no metric of a name in what was `asked` (a query, or the name itself): with the Problem that leaves that one out.

    Whether a person may know of a metric is told by the models that it stands on, and of one that was left out they are not known. So a viewer
    is told nothing, and others no more than code and place: not the message, which may name what they may not see.
    """
    if principal.role is Role.VIEWER or not layer.left_out or error.problem.code not in _NAMES:
        return error
    said = {found.name.lower(): found for found in layer.left_out}
    cause = next((said[name.lower()] for name in _names(error, asked) if name.lower() in said), None)
    return error if cause is None else restated(error, lambda problem: _told(problem, cause))


def _told(problem: Problem, cause: LeftOut) -> Problem:
    """The Problem, with the cause in place of a guess."""
    at = f" at {cause.where}" if cause.where else ""
    message = f"there is no metric `{cause.name}`: it was left out because of {cause.code}{at}"
    return replace(problem, code="DM3001", message=message, hint="`datamind validate` says what is wrong there")


def _metrics(asked: QueryRequest | SemanticQuery) -> tuple[str, ...]:
    """The metrics in the order in which they are looked for: those that are shown, then those that are calculated with."""
    if isinstance(asked, SemanticQuery):
        return asked.asked_metrics
    shapes = (calculation.shape for calculation in map(_read, asked.calculations) if calculation is not None)
    by = (asked.top.by,) if asked.top is not None and asked.top.by else ()
    return tuple(dict.fromkeys((*asked.metrics, *map(metric_of, shapes), *by)))


def _read(text: str) -> Calculation | None:
    try:
        return parse_calculation(text)
    except UserError:
        return None


def _names(error: UserError, asked: QueryRequest | SemanticQuery | str) -> Iterator[str]:
    """The names that the error may be about."""
    if isinstance(asked, str):
        yield asked
        return
    if isinstance(error, PartError):
        if isinstance(error.leaf, Field):
            yield error.leaf.name
        return
    path = error.problem.where.path if error.problem.where else ""
    part, _, number = path.removesuffix("]").partition("[")
    if part == "metrics":
        yield from _metrics(asked)[int(number) :][:1]
    elif part == "calculations":
        yield from _metrics(asked)
    elif part == "order_by":
        item = (asked.order if isinstance(asked, QueryRequest) else asked.order_by)[int(number)]
        yield item.removeprefix("-") if isinstance(item, str) else item.name
