"""What the log keeps of an exception: its types and places. Never its words, in which drivers repeat statements and values."""

from __future__ import annotations

import traceback

from app.errors import DataMindError

MOST_FRAMES = 12


def trace(error: BaseException) -> list[str]:
    """`Type at file:line in function` for the exception and what caused it, outermost first; frames innermost last."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < 10 * MOST_FRAMES:
        kind = f"{type(current).__module__}.{type(current).__qualname__}"
        lines.append(f"{kind} {current.problem.code}" if isinstance(current, DataMindError) else kind)
        frames = traceback.extract_tb(current.__traceback__)[-MOST_FRAMES:]
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines
