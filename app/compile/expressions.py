"""Texts of the project → expression trees, with every refusal reported at its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.compile.dbt.semantic import WhereFilters
from app.compile.report import Place, Report
from app.errors import UserError
from app.model.expr import Expr
from app.model.types import Dialect
from app.sql.expressions.parse import parse_expression, parse_filter
from app.sql.expressions.walk import conjunction


@dataclass(slots=True)
class Expressions:
    """Parses in the dialect of the project's adapter. The same text is parsed once: projects repeat themselves."""

    dialect: Dialect
    report: Report
    _expressions: dict[str, Expr] = field(default_factory=dict)
    _filters: dict[str, Expr] = field(default_factory=dict)

    def expression(self, text: object, place: Place, subject: str) -> Expr | None:
        """An `expr`; None where it was refused, which is reported for `subject` at `place`. YAML may give a number or a boolean."""
        written = str(text).lower() if isinstance(text, bool) else str(text)
        try:
            if written not in self._expressions:
                self._expressions[written] = parse_expression(written, self.dialect)
            return self._expressions[written]
        except UserError as error:
            self.report.refused(error, place, subject)
            return None

    def filter(self, filters: WhereFilters | None, place: Place, subject: str) -> tuple[Expr | None, bool]:
        """All of the filters as one condition (None where there is none), and whether every one could be read."""
        conditions: list[Expr] = []
        read = True
        for item in filters.where_filters if filters else ():
            text = item.where_sql_template
            try:
                if text not in self._filters:
                    self._filters[text] = parse_filter(text, self.dialect)
                if self._filters[text] not in conditions:
                    conditions.append(self._filters[text])
            except UserError as error:
                self.report.refused(error, place, subject)
                read = False
        return conjunction(*conditions), read
