"""The query that a conversation came to, looked at again before a question goes on from it."""

from __future__ import annotations

from app.errors import Problem, Severity, UserError
from app.model.query import SemanticQuery
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.on_paper import try_query
from app.service.request import written_out


def standing(deps: Deps, caller: Caller, previous: SemanticQuery | None) -> tuple[SemanticQuery | None, tuple[Problem, ...]]:
    """The query before, where this person may ask it of the layer as it is now; else None, and what is said of that. What is missing is not said:
    it may be hidden from the person since."""
    if previous is None:
        return None, ()
    served = deps.serving.view(caller.principal)
    try:
        previous.canonical()  # what can't be written down can't be gone on from: a caller may send half a character
        try_query(served, caller.principal, written_out(previous, served.visible, served.joins))
    except (UserError, UnicodeEncodeError):
        return None, (no_previous("the layer, or what you may see of it, has changed since"),)
    return previous, ()


def no_previous(why: str) -> Problem:
    """What is said with an answer that did not go on from the question before."""
    return Problem(
        "DM6061",
        f"this does not go on from what was asked before: {why}",
        Severity.WARNING,
        hint="ask the whole question",
    )
