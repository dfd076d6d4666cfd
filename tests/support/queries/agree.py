"""Both engines give the same rows, or refuse with the same code."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import reject

from app.errors import UserError
from app.service.request import QueryRequest
from tests.support.queries.ground import ENGINES, Ask, Table

RELATIVE, DUST = 1e-9, 1e-7
"""By how much numbers may differ: sums of floats in another order do, and what should cancel out leaves dust."""
_TOO_MUCH = {"DM5002", "DM5004", "DM4015", "DM4018"}
"""Refusals for the work that a query makes: they say nothing of its meaning."""


def answered(ask: Ask, engine: str, request: QueryRequest) -> Table:
    """The answer. A refusal for work is no example, nor is one for what the query means; an engine's error is a failure."""
    try:
        return ask(engine, request)
    except UserError as error:
        if error.problem.code in _TOO_MUCH or error.problem.code.startswith("DM3"):
            reject()
        raise


def agreed(ask: Ask, request: QueryRequest) -> Table | None:
    """The answer of both engines, None where both refuse. Raises AssertionError where they differ."""
    answers: list[Table | str] = []
    for engine in ENGINES:
        try:
            answers.append(ask(engine, request))
        except UserError as error:
            if error.problem.code in _TOO_MUCH:
                reject()
            if not error.problem.code.startswith("DM3"):
                raise AssertionError(f"{engine} fails: {request}") from error
            answers.append(error.problem.code)
    left, right = answers
    if isinstance(left, str) or isinstance(right, str):
        assert left == right, (request, left, right)
        return None
    assert left.columns == right.columns, request
    assert same_rows(left, right, [item.removeprefix("-") for item in request.order]), told(request, left, right)
    return left


def same(left: Any, right: Any) -> bool:
    """Whether two cells are equal: NULL with NULL alone, a truth value with a truth value alone, a date with that day's midnight."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if _is_number(left) and _is_number(right):
        return math.isclose(left, right, rel_tol=RELATIVE, abs_tol=DUST)
    return bool(_exact(left) == _exact(right))


def same_rows(left: Table, right: Table, order: Sequence[str] = ()) -> bool:
    """Whether two answers hold equal rows in the same order; rows whose cells under `order` are as good as equal may change places."""
    if len(left.rows) != len(right.rows):
        return False
    if all(all(map(same, a, b)) for a, b in zip(left.rows, right.rows, strict=True)):
        return True
    ranks = [left.columns.index(name) for name in order if name in left.columns]
    steady = all(same(a[n], b[n]) for a, b in zip(left.rows, right.rows, strict=True) for n in ranks)
    return bool(ranks) and steady and not missing(left.rows, right.rows)


def missing(wanted: Iterable[Sequence[Any]], given: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """The rows of `wanted` that `given` does not have, each as often."""
    held: dict[tuple[Any, ...], list[Sequence[Any]]] = {}
    for row in given:
        held.setdefault(_group(row), []).append(row)
    lacking = []
    for row in wanted:
        among = held.get(_group(row), [])
        at = next((n for n, other in enumerate(among) if all(map(same, other, row))), None)
        if at is None:
            lacking.append(row)
        else:
            del among[at]
    return lacking


def told(request: QueryRequest, left: Table, right: Table) -> str:
    """What differs, for a person to read."""
    only_left, only_right = missing(left.rows, right.rows), missing(right.rows, left.rows)
    return f"{request}\n{left.sql}\n{right.sql}\nonly left: {only_left[:8]}\nonly right: {only_right[:8]}"


def _group(row: Sequence[Any]) -> tuple[Any, ...]:
    """What of a row can be compared exactly; numbers are equal here."""
    return tuple("a number" if _is_number(value) else _exact(value) for value in row)


def _exact(value: Any) -> Any:
    """A date is the midnight with which it begins."""
    return dt.datetime.combine(value, dt.time()) if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
