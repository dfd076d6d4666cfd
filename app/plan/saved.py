"""dbt's saved queries as queries of ours."""

from __future__ import annotations

import msgspec

from app.errors import Problem, UserError, did_you_mean
from app.model.ontology import SavedQuery
from app.model.query import SemanticQuery
from app.sql.expressions.parse import parse_where
from app.sql.expressions.walk import conjunction
from app.sql.joins import JoinGraph


def from_saved(saved: SavedQuery, joins: JoinGraph) -> SemanticQuery:
    """The query that a saved query stands for. Raises UserError DM31xx where an item or filter can't be read."""
    where = conjunction(*(parse_where(text) for text in saved.where))
    return SemanticQuery(
        saved.metrics,
        tuple(joins.group_by(item) for item in saved.group_by),
        where,
        order_by=tuple(joins.order_by(item) for item in saved.order_by),
        limit=saved.limit,
    )


def expanded(query: SemanticQuery, saved_queries: tuple[SavedQuery, ...], joins: JoinGraph) -> SemanticQuery:
    """The query with what its saved query asks put before its own parts. Raises UserError DM3011 where there is none of that name."""
    if not query.saved_query:
        return query
    saved = next((s for s in saved_queries if s.name == query.saved_query), None)
    if saved is None:
        names = [s.name for s in saved_queries]
        raise UserError(
            Problem("DM3011", f"there is no saved query `{query.saved_query}`", hint=did_you_mean(query.saved_query, names) or _some(names))
        )
    base = from_saved(saved, joins)
    return msgspec.structs.replace(
        query,
        metrics=tuple(dict.fromkeys((*base.metrics, *query.metrics))),
        group_by=tuple(dict.fromkeys((*base.group_by, *query.group_by))),
        where=conjunction(base.where, query.where),
        order_by=query.order_by or base.order_by,
        limit=query.limit if query.limit is not None else base.limit,
        saved_query="",
    )


def _some(names: list[str]) -> str:
    """What there is, where nothing is near."""
    return f"there {'is' if len(names) == 1 else 'are'} {', '.join(f'`{name}`' for name in names[:5])}" if names else ""
