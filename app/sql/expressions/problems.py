"""How the expression rooms complain: a Problem that points into the text, or one about a part of a tree, whose place in its text is found later."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.errors import Problem, UserError, Where
from app.model.expr import Expr
from app.sql.unsendable import unsendable

Run = tuple[tuple[Expr, ...], int]
"""Names and constants in reading order, and which of them is meant."""


class PartError(UserError):
    """A refusal of a part of an expression. Trees hold no places; who has the text finds the part in it by its names and constants.

    `runs` are those of what holds the part, widest first, down to the smallest part that is wrong: the same words may stand elsewhere, too, where they are
    right. `word` is what is wrong within the one that is meant (a grain, say), "" for all of it.
    """

    def __init__(self, runs: Sequence[Run], *problems: Problem, word: str = "") -> None:
        super().__init__(*problems)
        self.runs, self.word = tuple(runs), word

    @property
    def leaf(self) -> Expr:
        """The name or constant that is meant."""
        leaves, at = self.runs[-1]
        return leaves[at]

    def saying(self, *problems: Problem) -> PartError:
        """The same part, with other Problems."""
        return PartError(self.runs, *problems, word=self.word)


def restated(error: UserError, change: Callable[[Problem], Problem]) -> UserError:
    """The error with each Problem changed; what it is about is kept."""
    problems = tuple(map(change, error.problems))
    return error.saying(*problems) if isinstance(error, PartError) else UserError(*problems)


def place(text: str, offset: int) -> Where:
    """The 1-based line and column of an offset in the text."""
    before = text[: max(offset, 0)]
    return Where(line=before.count("\n") + 1, column=len(before) - (before.rfind("\n") + 1) + 1)


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a 1-based line and column in the text: `place` the other way."""
    lines = text.split("\n")
    return sum(len(part) + 1 for part in lines[: line - 1]) + column - 1


def check_sendable(text: str) -> None:
    """Pass a text that a statement may hold. Raises UserError at the character that none may: DM3094 for half a one, else DM4002."""
    at = unsendable(text)
    if at >= 0:
        if "\ud800" <= text[at] <= "\udfff":
            raise refuse("DM3094", "the text is no valid Unicode", text=text, offset=at, hint="send it as UTF-8")
        raise refuse("DM4002", "the text holds a control character", text=text, offset=at)


def refuse(code: str, message: str, *, text: str = "", offset: int = 0, hint: str = "") -> UserError:
    """A UserError with one Problem at a place in `text`."""
    return UserError(Problem(code, message, where=place(text, offset) if text else None, hint=hint))
