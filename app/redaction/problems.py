"""Problems as they may be told and kept: without personal data in what they repeat of a caller's text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.errors import Problem
from app.redaction.redact import redact


def impersonal(problem: Problem) -> Problem:
    """The Problem with marks in place of personal data; a fix that would hold some is none."""
    message, hint = redact(problem.message), redact(problem.hint)
    fix = problem.fix if problem.fix is None or redact(problem.fix) == problem.fix else None
    where = replace(problem.where, path=redact(problem.where.path)) if problem.where is not None else None
    return replace(problem, message=message, hint=hint, fix=fix, where=where)


def all_impersonal(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each of them."""
    return tuple(map(impersonal, problems))
