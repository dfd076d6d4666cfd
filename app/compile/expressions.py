"""Texts of the project → expression trees, with every refusal reported at its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.compile.dbt.semantic import WhereFilters
from app.compile.report import Place, Report
from app.errors import Problem, UserError
from app.model.expr import Expr
from app.model.types import DataType, Dialect
from app.sql.expressions.parse import parse_expression, parse_where
from app.sql.expressions.walk import conjunction

Guard = Callable[[Expr], Problem | None]
"""Why an expression that could be read may not be in a layer, or None."""
FilterGuard = Callable[[Expr, Mapping[str, DataType]], Problem | None]
"""Why a row filter over columns of these types could never be sent, or None."""


def no_guard(_: Expr) -> Problem | None:
    """Nothing beyond the grammar of expressions is asked."""
    return None


def no_filter_guard(_predicate: Expr, _types: Mapping[str, DataType]) -> Problem | None:
    """Nothing beyond the grammar of predicates is asked."""
    return None


@dataclass(frozen=True, slots=True)
class Guards:
    """What rooms that this one does not import ask of a project's texts, once they could be read."""

    expression: Guard = no_guard
    row_filter: FilterGuard = no_filter_guard


@dataclass(slots=True)
class Expressions:
    """Parses in the dialect of the project's adapter. The same text is parsed once: projects repeat themselves."""

    dialect: Dialect
    report: Report
    guard: Guard = no_guard
    _expressions: dict[str, Expr] = field(default_factory=dict)
    _filters: dict[str, Expr] = field(default_factory=dict)

    def expression(self, text: object, place: Place, subject: str) -> Expr | None:
        """An `expr`; None where it was refused, which is reported for `subject` at `place`. YAML may give a number or a boolean."""
        written = str(text).lower() if isinstance(text, bool) else str(text)
        self.report.read(place, [written])
        try:
            if written not in self._expressions:
                self._expressions[written] = self._guarded(parse_expression(written, self.dialect))
            return self._expressions[written]
        except UserError as error:
            self.report.refused(error, place, f"{subject} is left out", written)
            return None

    def filter(self, filters: WhereFilters | None, place: Place, subject: str) -> tuple[Expr | None, bool]:
        """All of the filters as one condition (None where there is none), and whether every one could be read. Plain names are semantic
        references too, as in a query: what is checked of filters and hidden with them holds for every name in them."""
        conditions: list[Expr] = []
        read = True
        texts = [item.where_sql_template for item in filters.where_filters] if filters else []
        self.report.read(place, texts)
        for number, text in enumerate(texts):
            try:
                if text not in self._filters:
                    self._filters[text] = self._guarded(parse_where(text, self.dialect))
                if self._filters[text] not in conditions:
                    conditions.append(self._filters[text])
            except UserError as error:
                self.report.refused(error, place.at(str(number)), f"{subject} is left out", text)
                read = False
        return conjunction(*conditions), read

    def _guarded(self, expr: Expr) -> Expr:
        """The expression, which the guard lets through. Raises UserError DM2313."""
        refusal = self.guard(expr)
        if refusal is not None:
            raise UserError(Problem("DM2313", f"an engine must not be sent this: {refusal.message}", hint=refusal.hint))
        return expr
