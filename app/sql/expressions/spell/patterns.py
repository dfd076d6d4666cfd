"""LIKE patterns in the form that every engine reads alike: a backslash stands before `%`, `_` and itself only."""

from __future__ import annotations

from app.errors import Problem, UserError


def pattern(text: str) -> str:
    """The same pattern; `\\x` is `x`, as in SQL. Raises UserError DM3104 where it ends within an escape."""
    made: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter != "\\":
            made.append(letter)
            continue
        escaped = next(letters, None)
        if escaped is None:
            raise UserError(Problem("DM3104", f"the pattern `{text}` ends with a lone backslash", hint="a backslash is written twice"))
        made.append(f"\\{escaped}" if escaped in "%_\\" else escaped)
    return "".join(made)
