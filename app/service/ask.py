"""A question in words → an answer, a question back, or an honest no."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.language.chosen import Chosen, words_of
from app.model.query import SemanticQuery
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service.audit import Caller
from app.service.completed import completed
from app.service.deps import Deps
from app.service.previous import standing
from app.service.rights import require_asking
from app.service.turns import walk

_LONGEST = 2_000
"""Characters of a question that is read; nothing was chosen for a longer one."""


def ask(
    deps: Deps,
    caller: Caller,
    question: str,
    *,
    previous: SemanticQuery | None = None,
    remarks: tuple[Problem, ...] = (),
    anew: bool = False,
    source: str = "",
    comments: bool = False,
    until: str = "explain",
    cancel: Cancel | None = None,
) -> Turn:
    """Ask. The Turn's `answer` holds the outcome; with `until` the walk ends after that stage, with `comments` its SQL bears descriptions.

    `previous` is what the conversation asked before, which a follow-up changes; where it can't be asked any more it is left out, and the answer says so.
    A question that was asked back before is read as the person chose then, unless it is asked `anew`. `remarks` are said with the answer.

    Raises UserError DM6001 for an empty question, and whatever the stages raise.
    """
    require_asking(caller)
    if not question.strip():
        raise UserError(Problem("DM6001", "the question is empty", hint="ask for a metric, such as one that `datamind list metrics` shows"))
    stands, said = standing(deps, caller, previous)
    return walk(
        deps,
        caller,
        question=question,
        previous=stands,
        chosen=None if anew else _chosen(deps, caller, question),
        remarks=(*remarks, *said),
        source=source,
        comments=comments,
        until=until,
        cancel=cancel,
        then=completed(compares=deps.compares),
    )


def _chosen(deps: Deps, caller: Caller, question: str) -> Chosen | None:
    """How the person answered when this question was asked back before."""
    if len(question) > _LONGEST:
        return None
    who = caller.principal
    found = deps.talk.choices.find(who.project_id, who.user_id, words_of(question))
    return Chosen(found.options, found.chosen) if found is not None else None
