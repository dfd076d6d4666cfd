"""Superset's databases, number formats and currencies in our words."""

from __future__ import annotations

import re

from app.compile.interchange.tree import Tree

DIALECTS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "redshift": "redshift",
    "clickhouse": "clickhouse",
    "clickhousedb": "clickhouse",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "databricks": "databricks",
    "trino": "trino",
    "awsathena": "athena",
    "duckdb": "duckdb",
    "mysql": "mysql",
    "mssql": "tsql",
    "sqlite": "sqlite",
}
"""The reader of ours for the scheme of a database's URI."""
_FIXED = re.compile(r"(,?)\.(\d)(f|%)")
_INTEGER = re.compile(r"(,?)d")


def number_format(d3: str) -> str:
    """A d3 format as a spreadsheet has it: `,.2f` is `#,##0.00`, `.1%` is `0.0%`; "" for what has no such form."""
    fixed, whole = _FIXED.fullmatch(d3), _INTEGER.fullmatch(d3)
    if fixed:
        digits = int(fixed[2])
        return ("#,##0" if fixed[1] else "0") + (f".{'0' * digits}" if digits else "") + ("%" if fixed[3] == "%" else "")
    return ("#,##0" if whole[1] else "0") if whole else ""


def unit_of(metric: Tree) -> str:
    """The currency of a metric, or `%` where its format says so."""
    return metric.text("currency", "symbol") or ("%" if metric.text("d3format").endswith("%") else "")
