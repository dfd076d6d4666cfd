"""What an adapter's catalog counts of each relation, with its unit: a fact for estimates, never an answer."""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.dbt.catalog import Catalog
from app.compile.naming import Named
from app.model.physical import Statistic

UNITS = {
    "row_count": "rows",
    "rows": "rows",
    "num_rows": "rows",
    "bytes": "bytes",
    "num_bytes": "bytes",
    "size_in_bytes": "bytes",
    "size": "MB",
    "pct_used": "%",
    "unsorted": "%",
    "stats_off": "%",
    "skew_rows": "ratio",
    "skew_sortkey1": "ratio",
    "max_varchar": "characters",
    "clustering_key_count": "keys",
}
"""dbt's adapters' names of statistics: Snowflake's, Databricks' and Trino's `row_count`, `rows` and `bytes`, BigQuery's `num_…`, Redshift's `size`
(in blocks of one MB), percentages and skews. Of another name the unit is not known."""


def read_statistics(catalog: Catalog, items: Iterable[Named]) -> tuple[Statistic, ...]:
    """The numbers that the catalog has, by model and name."""
    found = [Statistic(item.name, name, value, UNITS.get(name, "")) for item in items for name, value in catalog.numbers(item.unique_id)]
    return tuple(sorted(found, key=lambda statistic: (statistic.model, statistic.name)))
