"""What speaks for a guess: tests and constraints with their places, types with where they are from, names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.compile.dbt.manifest import Manifest, Node
from app.compile.guarantees import tested_node
from app.compile.locations import LocationIndex
from app.compile.naming import Named
from app.compile.report import Place
from app.errors import Where
from app.model.physical import Model, ModelColumn


class Evidence:
    """Finds what is known of columns, and where it is written."""

    def __init__(self, manifest: Manifest, named: Mapping[str, Named], locations: LocationIndex) -> None:
        self._named = {item.name: item for item in named.values()}
        self._locations = locations
        self._tests: dict[tuple[str, str], list[str]] = defaultdict(list)
        for node in sorted((n for n in manifest.nodes.values() if n.test_metadata), key=lambda n: n.unique_id):
            unique_id = tested_node(node, named)
            if unique_id is not None and node.column_name and node.test_metadata:
                names = self._tests[named[unique_id].name, node.column_name.strip('"`').lower()]
                names.append(node.test_metadata.name)

    def key(self, model: Model, column: ModelColumn) -> str:
        """Why a column is a key."""
        return self._said(model, column, ("unique", "not_null")) or self._constrained(model, column, ("primary_key", "unique", "not_null"))

    def reference(self, model: Model, column: ModelColumn) -> str:
        """Why a column leads to another model."""
        aim = f"{column.references.model}.{column.references.column}" if column.references else ""
        said = self._said(model, column, ("relationships",)) or self._constrained(model, column, ("foreign_key",)) or "a foreign key"
        return f"{said}, to {aim}"

    def values(self, model: Model, column: ModelColumn) -> str:
        """Why a column has few values, "" where nothing says so."""
        return self._said(model, column, ("accepted_values",))

    def kind(self, column: ModelColumn, *, from_catalog: bool) -> str:
        """Of which type it is, by what."""
        if not column.native_type:
            return "its type is not known"
        return f"{column.native_type} by {'the catalog' if from_catalog else 'its data_type'}"

    def model(self, model: Model) -> str:
        """Where the model is described."""
        place = self._named[model.name].place
        where = self._locations.where(place.key, place.file)
        return str(where) if where else model.file

    def _said(self, model: Model, column: ModelColumn, names: Iterable[str]) -> str:
        tests = self._tests.get((model.name, column.name.lower()), ())
        found = [name for name in names if name in tests]
        if not found:
            return ""
        plural = "s" if len(found) > 1 else ""
        return f"{' and '.join(found)} test{plural} on {column.name}{_shown(self._place(model, column, found[0]))}"

    def _constrained(self, model: Model, column: ModelColumn, kinds: Iterable[str]) -> str:
        node = self._named[model.name].node
        own = next((c for c in node.columns.values() if c.name == column.name), None)
        held = {c.type for c in (own.constraints or () if own else ())}
        if isinstance(node, Node):
            held |= {c.type for c in node.constraints or () if [n.lower() for n in c.columns or ()] == [column.name.lower()]}
        found = [kind for kind in kinds if kind in held]
        where = self._locations.where(*self._column(model, column))
        return f"{' and '.join(found)} constraint{'s' if len(found) > 1 else ''} on {column.name}{_shown(where)}" if found else ""

    def _column(self, model: Model, column: ModelColumn) -> tuple[str, str]:
        item = self._named[model.name]
        place: Place = item.place
        return f"column.{place.key.removeprefix('model.')}.{column.name}", place.file

    def _place(self, model: Model, column: ModelColumn, test: str) -> Where | None:
        """Where the test stands: the first line below the column's that names it, before the next column; the column's where there is none."""
        key, file = self._column(model, column)
        where = self._locations.where(key, file)
        if where is None or not where.line:
            return where
        lines = self._locations.files.get(file, "").splitlines()
        for number in range(where.line - 1, len(lines)):
            line = lines[number]
            if number >= where.line and line.strip() and len(line) - len(line.lstrip()) < where.column - 1:
                break
            if re.search(rf"\b{re.escape(test)}\b", line):
                return Where(file, number + 1)
        return where


def _shown(where: Where | None) -> str:
    """` (models/x.yml:12)`, "" without a line."""
    return f" ({where.file}:{where.line})" if where and where.line else ""
