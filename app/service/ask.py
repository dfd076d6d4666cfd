"""A question in words → an answer, a question back, or an honest no."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.query import SemanticQuery
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service.audit import Caller
from app.service.completed import completed
from app.service.deps import Deps
from app.service.rights import require_asking
from app.service.turns import walk


def ask(
    deps: Deps,
    caller: Caller,
    question: str,
    *,
    previous: SemanticQuery | None = None,
    source: str = "",
    comments: bool = False,
    until: str = "explain",
    cancel: Cancel | None = None,
) -> Turn:
    """Ask. The Turn's `answer` holds the outcome; with `until` the walk ends after that stage, with `comments` its SQL bears descriptions.
    `previous` is what the conversation asked before, which a follow-up changes.

    Raises UserError DM6001 for an empty question, and whatever the stages raise.
    """
    require_asking(caller)
    if not question.strip():
        raise UserError(Problem("DM6001", "the question is empty", hint="ask for a metric, such as one that `datamind list metrics` shows"))
    return walk(
        deps,
        caller,
        question=question,
        previous=previous,
        source=source,
        comments=comments,
        until=until,
        cancel=cancel,
        then=completed(compares=deps.compares),
    )
