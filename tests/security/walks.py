"""Statements through governance and the engines of both twins, below HTTP: what is written alike in the end is executed once."""

from __future__ import annotations

import re

from sqlglot import exp

from app.errors import DataMindError, InternalError, UserError
from app.govern.check import SqlScope, check_sql
from app.govern.govern import govern
from app.model.sql import GovernedSql, Limits, Sql
from app.model.types import Dialect
from app.pipeline.execute import by_values, untold
from app.ports import Cancel
from app.sql.parse import parse_statement
from tests.security.corpus import ANALYST
from tests.security.live import Twin, Twins, without

LIMITS = Limits(10_000, 3.0)


class Walks:
    """The SQL door of one engine on both twins, as the analyst."""

    def __init__(self, live: Twins, engine: str) -> None:
        self._live, self._engine, self._dialect = live, engine, Dialect(engine)
        self._view = live.a.ready.deps.serving.view(ANALYST)
        self._known: dict[str, tuple[str, str]] = {}

    @property
    def executed(self) -> int:
        """How many different statements an engine was given."""
        return len(self._known)

    def governed(self, text: str) -> GovernedSql:
        """What an engine would be given. Raises UserError DM4xxx."""
        layer, rights = self._view.layer, self._view.access
        sql = check_sql(Sql(self._dialect, parse_statement(text, self._dialect), text, written=True), SqlScope(layer, self._engine, rights))
        return govern(sql, layer, self._engine, rights, LIMITS, mask_key="key")

    def wrong(self, text: str, *, block: bool = False, seed: str = "") -> str:
        """What is wrong with how the text is answered; "" where nothing is. With `block` it must be refused before an engine has it."""
        try:
            governed = self.governed(text)
        except UserError as error:
            return f"suggests {error.problem.hint}" if block and "did you mean" in error.problem.hint else ""
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        if block:
            return f"would run: {governed.text[:300]}"
        a, b = self.outcomes(governed)
        if a != b:
            return f"twins differ: {a[:200]} /// {b[:200]}"
        found = self._live.canary.search(without(without(a, text), seed))
        return f"canary {found[0]}" if found else ""

    def refused(self, text: str) -> str:
        """Why a text gets no rows; "" where it does."""
        try:
            a, b = self.outcomes(self.governed(text))
        except DataMindError as error:
            return str(error)
        return "" if a == b and a.startswith("rows") and a != "rows []" else f"{a[:200]} /// {b[:200]}"

    def outcomes(self, governed: GovernedSql) -> tuple[str, str]:
        """What twin A and twin B answer: rows, or an error as a caller sees it."""
        key = f"{governed.text}{governed.parameters}"
        if key not in self._known:
            self._known[key] = (self._outcome(self._live.a, governed), self._outcome(self._live.b, governed))
        return self._known[key]

    def _ordered(self, governed: GovernedSql) -> bool:
        tree = parse_statement(governed.text.replace("%%", "%") if self._dialect is Dialect.POSTGRES else governed.text, self._dialect)
        return any(isinstance(node.parent, exp.Query) for node in tree.find_all(exp.Order))

    def _outcome(self, twin: Twin, governed: GovernedSql) -> str:
        try:
            result = twin.ready.deps.engines[self._engine].execute(governed, Cancel())
        except InternalError as error:
            return f"fault {error.problem.code}"
        except UserError as told:
            error = untold(told)  # as stage 6 does
            return re.sub(r"incident \w+", "", f"{error.problem.code} {error.problem.message} {error.problem.hint}")
        if not self._ordered(governed):
            result = by_values(result)  # as stage 6 does
        return f"rows {[*result.rows()]}{' and more' if result.truncated else ''}"
