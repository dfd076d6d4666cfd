"""catalog.json: the columns that a warehouse really has, and what the adapter counted."""

from __future__ import annotations

import msgspec

from app.compile.dbt.decode import Metadata, decode_versioned


class CatalogColumn(msgspec.Struct, frozen=True, gc=False):
    """A column, in the adapter's spelling; `index` is its position."""

    name: str
    type: str | None = None
    index: int | None = None


class CatalogStatistic(msgspec.Struct, frozen=True, gc=False):
    """A number or a text that the adapter tells of a relation; `include` is false where it has none."""

    id: str = ""
    value: bool | int | float | str | None = None
    include: bool = True


class CatalogTable(msgspec.Struct, frozen=True, gc=False):
    """A relation's columns and statistics."""

    columns: dict[str, CatalogColumn] = {}
    stats: dict[str, CatalogStatistic] = {}


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

    def numbers(self, unique_id: str) -> tuple[tuple[str, float], ...]:
        """The statistics that are numbers, by name. Adapters write some of them as texts; `has_stats` only says whether there are any."""
        table = self.nodes.get(unique_id) or self.sources.get(unique_id)
        found = []
        for name, statistic in sorted(table.stats.items()) if table else ():
            number = _number(statistic.value)
            if statistic.include and name != "has_stats" and number is not None:
                found.append((name, number))
        return tuple(found)


def read_catalog(data: bytes | None, artifact: str = "catalog.json") -> Catalog:
    """The catalog, or an empty one for None. Raises UserError DM2001 to DM2006."""
    return Catalog() if data is None else decode_versioned(data, Catalog, artifact, "catalog", range(1, 2))


def _number(value: bool | float | str | None) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None
