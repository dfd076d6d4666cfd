"""What is added to an answer by further queries, before it is kept and shown."""

from __future__ import annotations

from app.pipeline.turn import Turn
from app.service.comparing import with_comparison
from app.service.empty import asking, told_if_empty
from app.service.reasons import with_reasons
from app.service.turns import Further, Then


def completed(*, compares: bool) -> Then:
    """What completes a turn: a no with the reason where its question came to nothing, the reasons of a change where they are asked for, and with `compares`
    how its number compares with the period before."""

    def complete(turn: Turn, further: Further) -> Turn:
        if turn.reading is not None and turn.reading.why is not None:
            return with_reasons(turn, further)
        turn = told_if_empty(turn, asking(further))
        return with_comparison(turn, further) if compares else turn

    return complete
