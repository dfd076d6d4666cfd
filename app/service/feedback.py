"""What people say of answers."""

from __future__ import annotations

from app.model.audit.catalogue import EventType
from app.model.ids import new_id
from app.model.records import FeedbackEntry
from app.service.audit import Caller, noted
from app.service.deps import Deps
from app.service.query import query_record
from app.service.rights import require_asking

FLAGGED = "flagged_for_review"


def flag(deps: Deps, caller: Caller, query_id: str, comment: str, rating: int) -> FeedbackEntry:
    """Flag an answer for review. Raises UserError DM7010 (the role), DM3091 (no such turn that the caller may see)."""
    require_asking(caller)
    query_record(deps, caller, query_id)
    who = caller.principal
    entry = FeedbackEntry(new_id("fbk"), who.project_id, query_id, who.user_id, rating, comment, FLAGGED, deps.clock.now())
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_FLAG, "feedback", feedback_id=entry.id, query_id=query_id):
        deps.feedback.add(entry)
    return entry
