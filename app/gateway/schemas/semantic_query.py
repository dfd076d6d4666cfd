"""A semantic query that a caller sends back as an answer gave it."""

from __future__ import annotations

from typing import Any

import msgspec

from app.errors import Problem, UserError, Where
from app.model.query import SemanticQuery
from app.sql.expressions.sent import check_sent


def semantic_query_of(sent: dict[str, Any], path: str, hint: str) -> SemanticQuery:
    """The query. Raises UserError DM7031 at `path` where it is none."""
    try:
        query = msgspec.convert(sent, SemanticQuery, strict=True)
    except (msgspec.ValidationError, RecursionError):
        raise UserError(Problem("DM7031", f"`{path}` is not a query", where=Where(path=path), hint=hint)) from None
    for expr in (query.where, query.having):
        if expr is not None:
            check_sent(expr)
    return query
