"""A query written out: what it names of the layer (a saved query, segments, levels of hierarchies) put into its own words."""

from __future__ import annotations

import msgspec

from app.errors import Problem, UserError, did_you_mean
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.plan.drills import drilled
from app.plan.problems import at
from app.plan.saved import expanded
from app.sql.expressions.walk import conjunction
from app.sql.joins import JoinGraph


def written(query: SemanticQuery, ontology: Ontology, joins: JoinGraph) -> SemanticQuery:
    """The query without names of saved queries, segments and levels. Raises UserError DM3011, DM3135 and DM3136 for those that there are not."""
    query = expanded(query, ontology.saved_queries, joins)
    if query.segments:
        known = {segment.name: segment.where for segment in ontology.segments}
        for number, name in enumerate(query.segments):
            if name not in known:
                hint = did_you_mean(name, known) or (f"segments: {', '.join(known)}" if known else "the layer has none")
                with at(f"segments[{number}]"):
                    raise UserError(Problem("DM3135", f"there is no segment `{name}`", hint=hint))
        where = conjunction(query.where, *(known[name] for name in query.segments))
        query = msgspec.structs.replace(query, where=where, segments=())
    return drilled(query, ontology.hierarchies, joins)
