"""SQL: made from a question, checked, or run through the same governance as everything else."""

from __future__ import annotations

from app.model.answer import Outcome
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service.ask import ask
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.query import query_record
from app.service.rights import require_asking
from app.service.turns import walk


def generate_sql(deps: Deps, caller: Caller, question: str, *, source: str = "", cancel: Cancel | None = None) -> Turn:
    """The SQL of stage 4 for a question, with governance checked and nothing run."""
    return ask(deps, caller, question, source=source, until="sanitize", cancel=cancel)


def validate_sql(deps: Deps, caller: Caller, sql: str, source: str, *, until: str = "sanitize") -> Turn:
    """Walk written SQL through governance without running it, or up to an earlier stage. Raises UserError DM4xxx with what is refused."""
    require_asking(caller)
    return walk(deps, caller, written_sql=sql, source=source, until=until)


def execute_sql(deps: Deps, caller: Caller, sql: str, source: str, *, query_id: str = "", cancel: Cancel | None = None) -> Turn:
    """Run written SQL on the engine whose dialect it declares.

    With the `query_id` of an own turn, that turn goes on under its id and question; another's id that an admin gives is checked and the run
    gets an id of its own. Raises UserError DM3091 where the id is not one that the caller may see.
    """
    require_asking(caller)
    earlier = query_record(deps, caller, query_id) if query_id else None
    own = earlier if earlier and earlier.user_id == caller.principal.user_id else None
    return walk(
        deps,
        caller,
        question=own.question if own else "",
        written_sql=sql,
        source=source,
        query_id=own.id if own else "",
        cancel=cancel,
    )


def is_answer(turn: Turn) -> bool:
    """Whether the turn led to SQL, and not to a question back or a no."""
    return turn.answer is None or turn.answer.outcome is Outcome.ANSWER
