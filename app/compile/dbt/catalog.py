"""catalog.json: the columns that a warehouse really has."""

from __future__ import annotations

import msgspec

from app.compile.dbt.decode import Metadata, decode_versioned


class CatalogColumn(msgspec.Struct, frozen=True, gc=False):
    """A column, in the adapter's spelling; `index` is its position."""

    name: str
    type: str | None = None
    index: int | None = None


class CatalogTable(msgspec.Struct, frozen=True, gc=False):
    """A relation's columns."""

    columns: dict[str, CatalogColumn] = {}


class Catalog(msgspec.Struct, frozen=True):
    """catalog.json, by unique id."""

    metadata: Metadata = Metadata()
    nodes: dict[str, CatalogTable] = {}
    sources: dict[str, CatalogTable] = {}

    def table(self, unique_id: str) -> tuple[CatalogColumn, ...]:
        """The columns of a node or source in their order, () where the catalog does not have it."""
        table = self.nodes.get(unique_id) or self.sources.get(unique_id)
        if table is None:
            return ()
        return tuple(sorted(table.columns.values(), key=lambda column: (column.index or 0, column.name)))


def read_catalog(data: bytes | None, artifact: str = "catalog.json") -> Catalog:
    """The catalog, or an empty one for None. Raises UserError DM2001 to DM2006."""
    return Catalog() if data is None else decode_versioned(data, Catalog, artifact, "catalog", range(1, 2))
