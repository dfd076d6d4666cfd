"""A type as a database or an adapter spells it → the family that we speak of, and back: the one place that knows such spellings."""

from __future__ import annotations

import re
from functools import lru_cache

from app.model.types import DataType, Dialect

POSTGRES_NAMES = {
    DataType.TEXT: "text",
    DataType.INTEGER: "bigint",
    DataType.DECIMAL: "numeric",
    DataType.FLOAT: "double precision",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date",
    DataType.TIMESTAMP: "timestamp",
}
"""To what PostgreSQL is asked to convert for a value of the family."""

_FAMILIES: dict[DataType, str] = {
    DataType.TEXT: "text varchar char character string nvarchar nchar bpchar citext name uuid fixedstring enum enum8 enum16 character_varying"
    " clob inet cidr ipv4 ipv6 ltree macaddr",
    DataType.INTEGER: "int integer bigint smallint tinyint mediumint byteint int2 int4 int8 int16 int32 int64 int128 int256"
    " uint8 uint16 uint32 uint64 uint128 uint256 serial bigserial smallserial oid long"
    " uint utinyint usmallint umediumint ubigint",
    DataType.DECIMAL: "decimal numeric number bignumeric bigdecimal money decimal32 decimal64 decimal128 decimal256 dec",
    DataType.FLOAT: "float double real float4 float8 float32 float64 double_precision bfloat16 decfloat",
    DataType.BOOLEAN: "boolean bool bit",
    DataType.DATE: "date date32",
    DataType.TIMESTAMP: "timestamp timestamptz timestamp_ntz timestamp_ltz timestamp_tz timestampntz timestampltz"
    " datetime datetime2 datetime64 datetime32 smalldatetime",
    DataType.TIME: "time timetz time64",
    DataType.JSON: "json jsonb variant object super struct map record row tuple nested dynamic",
    DataType.ARRAY: "array",
}
_FAMILY = {word: family for family, words in _FAMILIES.items() for word in words.split()}
_CLICKHOUSE = _FAMILY | {
    **dict.fromkeys(("nested", "qbit", "ring", "linestring", "polygon", "multilinestring", "multipolygon"), DataType.ARRAY),
    **dict.fromkeys(("variant", "dynamic"), DataType.OTHER),
}
"""ClickHouse's own: a Nested column comes as arrays, a Variant or Dynamic one as values of any type."""
_WRAPPER = re.compile(r"^(?:nullable|lowcardinality|simpleaggregatefunction\s*\(\s*\w+\s*,)\s*\(?\s*(.*?)\s*\)$", re.DOTALL | re.IGNORECASE)
_SNOWFLAKE_INTEGER = re.compile(r"^number\s*\(\s*\d+\s*,\s*0\s*\)$|^number\s*\(\s*\d+\s*\)$")
_HEAD = re.compile(r"^[a-z_]\w*")


def unwrapped(native: str) -> str:
    """The type inside Nullable, LowCardinality and SimpleAggregateFunction, as it is spelled."""
    text = native.strip()
    while inner := _WRAPPER.match(text):
        text = inner[1]
    return text


@lru_cache(maxsize=4096)
def data_type(native: str, dialect: Dialect | None = None) -> DataType:
    """The family of a native type, whatever its length, precision, zone or `Nullable`/`LowCardinality` wrapper; OTHER where it is not known.

    PostgreSQL, ClickHouse, Snowflake, Trino, BigQuery, Redshift and Databricks spellings; `dialect` settles words that engines use differently.
    `NUMBER(38, 0)` is Snowflake's integer. An `interval` is OTHER: it is neither a point in time nor a number.
    """
    text = unwrapped(" ".join(native.lower().split()))
    if text.endswith("[]"):
        return DataType.ARRAY
    if _SNOWFLAKE_INTEGER.match(text):
        return DataType.INTEGER
    head = _HEAD.match(text.replace("double precision", "double_precision").replace("character varying", "character_varying"))
    families = _CLICKHOUSE if dialect is Dialect.CLICKHOUSE else _FAMILY
    return families.get(head[0], DataType.OTHER) if head else DataType.OTHER
