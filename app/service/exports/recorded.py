"""That rows of an answer leave as a file: recorded before the first of them is written."""

from __future__ import annotations

from contextlib import AbstractContextManager

from app.model.audit.catalogue import EventType
from app.pipeline.turn import Turn
from app.service.audit import Caller, noted
from app.service.deps import Deps
from app.service.turns import COMPONENT


def exported(deps: Deps, caller: Caller, turn: Turn, format_name: str) -> AbstractContextManager[object]:
    """The block in which the file is made. Raises InternalError DM8010 where that can't be recorded: then nothing is written."""
    result = turn.answer.result if turn.answer is not None else turn.result
    return noted(
        deps.audit,
        deps.clock,
        caller,
        EventType.QUERY_EXPORT,
        COMPONENT,
        query_id=turn.query_id,
        door=caller.door,
        format=format_name,
        rows=result.row_count if result is not None else 0,
        columns=[column.name for column in result.columns] if result is not None else [],
    )
