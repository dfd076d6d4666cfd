"""What is added to an answer by further queries, before it is kept and shown."""

from __future__ import annotations

from app.pipeline.turn import Turn
from app.service.empty import asking, told_if_empty
from app.service.turns import Further


def completed(turn: Turn, further: Further) -> Turn:
    """The turn, whose answer is a no with the reason where its question came to nothing."""
    return told_if_empty(turn, asking(further))
