"""By which dimensions a query can be split: those that every metric of it reaches, with few values that are known, none of them personal."""

from __future__ import annotations

from app.language.lexicon import Lexicon
from app.language.reach import Reach
from app.language.senses import DimensionFacts
from app.model.query import SemanticQuery
from app.sql.expressions.walk import fields

MOST_VALUES = 50
"""Of a dimension with more values a table by it says little at a glance."""


def splits(query: SemanticQuery, lexicon: Lexicon, joins: Reach) -> tuple[DimensionFacts, ...]:
    """The dimensions by which the query's metrics can be grouped and neither are nor are filtered: few values first, yes or no last.

    Values are known of dimensions whose values are words (`service/values`, under the asker's own policies) or are declared; what is masked for anybody
    has none, and is never offered.
    """
    taken = {item.name for item in query.group_by} | {field.name for field in fields(query.where)}
    reached = set(joins.compatible_dimensions(query.asked_metrics))
    found = [
        facts
        for name, facts in lexicon.dimensions.items()
        if name in reached and not any(one == name or one.endswith(f"__{name}") for one in taken) and is_low(facts)
    ]
    return tuple(sorted(found, key=lambda facts: (facts.is_flag, len(facts.values), facts.name)))


def is_low(facts: DimensionFacts) -> bool:
    """Whether a dimension has few values, which may be shown."""
    return not (facts.is_time or facts.is_personal) and (facts.is_flag or 2 <= len(facts.values) <= MOST_VALUES)
