"""The small closed vocabularies: data types, time grains, aggregations, dialects."""

from __future__ import annotations

from enum import StrEnum


class Dialect(StrEnum):
    """The SQL that an engine speaks. An engine's name is its own; code asks for its dialect or its capabilities."""

    POSTGRES = "postgres"
    CLICKHOUSE = "clickhouse"


class DataType(StrEnum):
    """Families of column types; an engine's own spelling is kept beside it as `native_type`."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    JSON = "json"
    ARRAY = "array"
    OTHER = "other"

    @property
    def is_numeric(self) -> bool:
        """Whether sums and averages have a meaning."""
        return self in (DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT)

    @property
    def is_temporal(self) -> bool:
        """Whether a time grain has a meaning."""
        return self in (DataType.DATE, DataType.TIMESTAMP)


class Grain(StrEnum):
    """dbt's standard time granularities, finest first."""

    NANOSECOND = "nanosecond"
    MICROSECOND = "microsecond"
    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def order(self) -> int:
        """Position from the finest (0) to the coarsest."""
        return _ORDER[self]


_ORDER = {grain: number for number, grain in enumerate(Grain)}


class DatePart(StrEnum):
    """What `EXTRACT` takes of a time dimension; weekdays are ISO, Monday is 1."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    DAY = "day"
    DOW = "dow"
    DOY = "doy"


class Aggregation(StrEnum):
    """dbt's measure aggregations."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    AVERAGE = "average"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    SUM_BOOLEAN = "sum_boolean"
    MEDIAN = "median"
    PERCENTILE = "percentile"
