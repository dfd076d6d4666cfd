"""How shapes complain: a combination without a meaning is refused with the reason."""

from __future__ import annotations

from app.errors import Problem, UserError

MEANINGLESS = frozenset({"DM3021", "DM3132", "DM3133"})
"""What a row that stands for many may lack, where the rows below it have it."""


def no_meaning(message: str, hint: str = "") -> UserError:
    """DM3132: the parts are right, and what they come to together has no meaning."""
    return UserError(Problem("DM3132", message, hint=hint))


def needs_time(message: str, hint: str = "") -> UserError:
    """DM3133: it can't be said of which time."""
    return UserError(Problem("DM3133", message, hint=hint))
