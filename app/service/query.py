"""A metric query → an answer; and the record of an earlier turn."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.query import SemanticQuery
from app.model.records import QueryRecord
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service.audit import Caller, noted
from app.service.completed import completed
from app.service.deps import Deps
from app.service.request import QueryRequest
from app.service.rights import require_asking
from app.service.turns import COMPONENT, walk


def query(
    deps: Deps,
    caller: Caller,
    asked: SemanticQuery | QueryRequest,
    *,
    source: str = "",
    comments: bool = False,
    until: str = "explain",
    cancel: Cancel | None = None,
) -> Turn:
    """Answer a metric query, as people write it or already read. With `comments` the SQL that is shown bears the metrics' descriptions.

    Raises UserError DM3xxx for text that does not parse, names, joins and types, and whatever the later stages raise.
    """
    require_asking(caller)
    then = completed(compares=deps.compares)
    return walk(deps, caller, query=asked, source=source, comments=comments, until=until, cancel=cancel, then=then)


def read_record(deps: Deps, caller: Caller, query_id: str) -> QueryRecord:
    """`query_record` to be shown: what another person asked is shown once it is recorded who reads it. Raises InternalError DM8010 where that can't be."""
    found = query_record(deps, caller, query_id)
    if found.user_id != caller.principal.user_id:
        with noted(deps.audit, deps.clock, caller, EventType.QUERY_READ, COMPONENT, query_id=found.id, door=caller.door, of=found.user_id):
            return found
    return found


def query_record(deps: Deps, caller: Caller, query_id: str) -> QueryRecord:
    """The record of a turn of one's own, or for an admin of anybody in the project. Raises UserError DM3091 where there is none to see."""
    found = deps.queries.get(query_id, caller.principal.project_id)
    if found is None or not (caller.principal.is_admin or found.user_id == caller.principal.user_id):
        raise UserError(Problem("DM3091", "there is no query of that id", hint="ids look like qry_… and belong to who asked"))
    return found
