"""What one step reads: scans under aliases of their own, the columns that are used of them, and the joins between them in order."""

from __future__ import annotations

from app.model.expr import Column, Expr
from app.model.plan import JoinKind, JoinTo, Named, Rows, Scan
from app.model.types import DataType
from app.plan.draft import Draft, clipped


class Scans:
    """Grows while a step is compiled; `finish` gives its Rows. What is opened first, and not joined, is the base."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._opened: dict[str, tuple[str, str]] = {}
        self._columns: dict[str, dict[str, DataType]] = {}
        self._joins: list[tuple[str, tuple[Expr, ...], JoinKind, str]] = []

    def model(self, model: str, *wanted: str) -> str:
        """Open a dbt model under the first alias that is free; the alias."""
        return self._open(model, "", wanted)

    def step(self, step: str, *wanted: str) -> str:
        """Open an earlier step under its own name, or the first alias that is free; the alias."""
        return self._open("", step, (*wanted, step))

    def column(self, alias: str, name: str) -> Column:
        """A column of what was opened, noted as read."""
        columns = self._columns[alias]
        if name not in columns:
            model, step = self._opened[alias]
            columns[name] = self.draft.type_of(step, name) if step else self.draft.graph.column_type(model, name)
        return Column(name, alias)

    def named(self, alias: str, name: str) -> Named:
        """A column of what was opened, under its name."""
        column = self.column(alias, name)
        return Named(name, column, self.type_of(column))

    def join(self, alias: str, on: tuple[Expr, ...], kind: JoinKind = JoinKind.LEFT, entity: str = "") -> None:
        """Join what was opened under `alias`, after all that is joined already."""
        self._joins.append((alias, on, kind, entity))

    def type_of(self, column: Column) -> DataType:
        """The type of a column of an alias, OTHER where nothing tells."""
        return self._columns.get(column.table, {}).get(column.name, DataType.OTHER)

    def finish(self, where: Expr | None) -> Rows:
        """The rows, with the columns that were asked for."""
        joined = {alias for alias, *_ in self._joins}
        base = next(alias for alias in self._opened if alias not in joined)
        return Rows(self._scan(base), tuple(JoinTo(self._scan(alias), on, kind, entity) for alias, on, kind, entity in self._joins), where)

    def _open(self, model: str, step: str, wanted: tuple[str, ...]) -> str:
        """Under the first of the names that no other scan here and no result column bears."""
        wanted = tuple(map(clipped, wanted))
        names = (*wanted, *(f"{wanted[0]}_{n}" for n in range(2, len(self._opened) + len(self.draft.taken) + 4)))
        alias = next(name for name in names if name not in self._opened and name not in self.draft.taken)
        self._opened[alias], self._columns[alias] = (model, step), {}
        return alias

    def _scan(self, alias: str) -> Scan:
        """One scan."""
        model, step = self._opened[alias]
        return Scan(alias, model, step, tuple(sorted(self._columns[alias].items())))
