"""How the expression rooms complain: a Problem that points into the text."""

from __future__ import annotations

from app.errors import Problem, UserError, Where


def place(text: str, offset: int) -> Where:
    """The 1-based line and column of an offset in the text."""
    before = text[: max(offset, 0)]
    return Where(line=before.count("\n") + 1, column=len(before) - (before.rfind("\n") + 1) + 1)


def refuse(code: str, message: str, *, text: str = "", offset: int = 0, hint: str = "") -> UserError:
    """A UserError with one Problem at a place in `text`."""
    return UserError(Problem(code, message, where=place(text, offset) if text else None, hint=hint))
