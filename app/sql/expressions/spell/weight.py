"""How large an expression becomes once it is spelled: some spellings write an argument several times, and nested ones would multiply."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from app.errors import Problem, UserError
from app.model.expr import Call, Expr, In, Literal
from app.model.types import Grain
from app.sql.expressions.spell.domains import copies
from app.sql.expressions.walk import children

MOST_PARTS = 2_000
"""Names, constants and operations in what writes its arguments several times, in all that one speller spells; each is some ten letters of SQL."""

_GUARDED = frozenset({"sqrt", "exp", "power"})


def counts_months(node: Call) -> bool:
    """Whether a `date_diff` is one that PostgreSQL takes from years and months, for which it looks at each time twice."""
    grain = node.args[0]
    return isinstance(grain, Literal) and grain.value in (Grain.MONTH, Grain.QUARTER)


class Weights:
    """Adds up what is written several times. An upper bound for every engine, so that all of them take and refuse the same expressions."""

    __slots__ = ("_chained", "_inside", "_known", "_parts")

    def __init__(self, chained: Callable[[In], bool]) -> None:
        """`chained` tells whether an engine says that IN as a chain of comparisons."""
        self._known: dict[int, tuple[Expr, int]] = {}
        self._parts = 0
        self._inside = False
        self._chained = chained

    def counted(self, expr: Expr, spell: Callable[[], exp.Expr]) -> exp.Expr:
        """What `spell` makes of an expression that writes its arguments several times: counted first, unless it stands within another one.

        Raises UserError DM3112 where that makes too many parts.
        """
        if self._inside:
            return spell()
        self._add(expr)
        self._inside = True
        try:
            return spell()
        finally:
            self._inside = False

    def _add(self, expr: Expr) -> None:
        """Count the parts of it."""
        self._parts += self.of(expr)
        if self._parts > MOST_PARTS:
            raise UserError(
                Problem(
                    "DM3112",
                    f"the expression would be more than {MOST_PARTS} parts of SQL: some functions write their argument several times",
                    hint="nest sqrt, exp, power, date_diff and IN less deeply, or compute the value as a column of the dbt model",
                )
            )

    def of(self, expr: Expr) -> int:
        """The parts of the expression once it is spelled, at most."""
        held = self._known.get(id(expr))
        if held is None:
            below = children(expr)
            total = 1
            if below:
                for child, times in zip(below, self._times(expr, below), strict=True):
                    total += times * self.of(child)
            held = self._known[id(expr)] = expr, total
        return held[1]

    def _times(self, expr: Expr, below: tuple[Expr, ...]) -> tuple[int, ...]:
        """How often each operand is written."""
        match expr:
            case Call(name=name) if name in _GUARDED:
                return copies(expr)
            case Call(name="date_diff") if counts_months(expr):
                return (1, 2, 2)
            case In(options=options) if self._chained(expr):
                return (len(options), *(1 for _ in options))
            case _:
                return (1,) * len(below)
