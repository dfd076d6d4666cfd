"""The time spine that dbt wants of a project with metrics: a model with one row a day."""

from __future__ import annotations

from app.compile.drafts.form import Form
from app.compile.drafts.noted import Group, Part, Section
from app.compile.emit.yaml_text import Data

NAME, COLUMN = "metricflow_time_spine", "date_day"
_POSTGRES = """{{ config(materialized='table') }}

select cast(day as date) as date_day
from generate_series(cast('2015-01-01' as date), cast('2035-12-31' as date), interval '1 day') as days (day)
"""
_CLICKHOUSE = """{{ config(materialized='table', engine='MergeTree()', order_by='date_day') }}

select toDate('2015-01-01') + toIntervalDay(number) as date_day
from numbers(dateDiff('day', toDate('2015-01-01'), toDate('2035-12-31')) + 1)
"""
_OTHERS = """{{ config(materialized='table') }}

with days as (
    {{ dbt.date_spine('day', "cast('2015-01-01' as date)", "cast('2036-01-01' as date)") }}
)

select cast(date_day as date) as date_day
from days
"""


def spine_sql(adapter: str) -> str:
    """The SQL of the model, for an adapter."""
    return {"postgres": _POSTGRES, "clickhouse": _CLICKHOUSE}.get(adapter, _OTHERS)


def spine_section(form: Form) -> list[Section]:
    """The YAML that makes the model a time spine; before dbt 1.9 its name does."""
    if not form.time_spines:
        return []
    column = Part({"name": COLUMN, "granularity": "day"})
    head: dict[str, Data] = {"name": NAME, "description": "One row a day.", "time_spine": {"standard_granularity_column": COLUMN}}
    return [Section("models", [Group(head, (Section("columns", [column]),), "dbt wants a time spine, and the project has none")])]
