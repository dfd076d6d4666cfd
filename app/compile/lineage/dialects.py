"""Which grammar reads an adapter's SQL, and how names are looked up in it."""

from __future__ import annotations

_GRAMMARS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "doris": "doris",
    "dremio": "dremio",
    "drill": "drill",
    "druid": "druid",
    "duckdb": "duckdb",
    "exasol": "exasol",
    "fabric": "fabric",
    "hive": "hive",
    "impala": "hive",
    "materialize": "materialize",
    "mysql": "mysql",
    "mariadb": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "greenplum": "postgres",
    "alloydb": "postgres",
    "cratedb": "postgres",
    "redshift": "redshift",
    "risingwave": "risingwave",
    "singlestore": "singlestore",
    "snowflake": "snowflake",
    "spark": "spark",
    "glue": "spark",
    "fabricspark": "spark",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "starrocks": "starrocks",
    "teradata": "teradata",
    "trino": "trino",
    "starburst": "trino",
}
"""sqlglot's dialect by dbt's `adapter_type`."""

ALIAS_FIRST = frozenset({"clickhouse"})
"""A name means the SELECT's alias before a column of FROM, in every clause (ClickHouse's `prefer_column_name_to_alias=0`)."""

ALIAS_ANYWHERE = frozenset({"clickhouse", "databricks", "duckdb", "redshift", "snowflake", "spark", "teradata"})
"""A name that is no column may mean an alias of the same SELECT, in every clause."""


def grammar(adapter: str) -> str | None:
    """sqlglot's name of the dialect, None where the adapter's is none that is known."""
    return _GRAMMARS.get(adapter)
