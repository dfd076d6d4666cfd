"""The fields of an OSI dataset: a name for each dimension and for each column that a metric reads."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.interchange.sql_text import quoted, sql_of
from app.model.expr import Column
from app.model.semantics import Dimension, SemanticModel
from app.sql.expressions.walk import columns


class DatasetFields:
    """Names of the columns of one semantic model: of a dimension that is the column, else of a field of their own."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._names = {d.expr.name: d.name for d in reversed(model.dimensions) if isinstance(d.expr, Column)}
        self._taken = {dimension.name for dimension in model.dimensions}
        self._facts: dict[str, str] = {}
        for expr in (*(entity.expr for entity in model.entities), *(measure.expr for measure in model.measures)):
            for column in columns(expr):
                self.name(column.name)

    def name(self, column: str) -> str:
        """The field that is the column; made where there is none yet."""
        if column not in self._names:
            name = column if column not in self._taken else f"{column}_column"
            self._taken.add(name)
            self._names[column] = self._facts[column] = name
        return self._names[column]

    def reference(self, column: str) -> str:
        """The column as metrics name it: `orders.amount`."""
        return f"{quoted(self._model.name)}.{quoted(self.name(column))}"

    def text(self, dimension: Dimension) -> str:
        """The expression of a dimension over columns. Raises Unspeakable."""
        return sql_of(dimension.expr, dialect="postgres", true_division=True)

    def facts(self) -> Iterator[tuple[str, str]]:
        """The columns with a field that is no dimension, and its name."""
        for column, name in self._facts.items():
            yield quoted(column), name
