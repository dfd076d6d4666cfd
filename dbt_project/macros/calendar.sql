{#- One row for each day from `first_day` to `last_day`, both included, as a column `date_day`. -#}
{% macro days_between(first_day, last_day) -%}
  {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__days_between(first_day, last_day) -%}
  select cast(series.day as date) as date_day
  from generate_series(cast('{{ first_day }}' as timestamp), cast('{{ last_day }}' as timestamp), interval '1 day') as series(day)
{%- endmacro %}

{% macro clickhouse__days_between(first_day, last_day) -%}
  select toDate('{{ first_day }}') + toIntervalDay(number) as date_day
  from numbers(toUInt64(toDate('{{ last_day }}') - toDate('{{ first_day }}') + 1))
{%- endmacro %}

{#- The first day of a date's month, quarter or year, as a date. -#}
{% macro first_day_of(grain, day) -%}
  {{ return(adapter.dispatch('first_day_of')(grain, day)) }}
{%- endmacro %}

{% macro default__first_day_of(grain, day) -%}
  cast(date_trunc('{{ grain }}', {{ day }}) as date)
{%- endmacro %}

{% macro clickhouse__first_day_of(grain, day) -%}
  toDate(date_trunc('{{ grain }}', {{ day }}))
{%- endmacro %}

{#- The last day of a date's month, as a date. -#}
{% macro last_day_of_month(day) -%}
  {{ return(adapter.dispatch('last_day_of_month')(day)) }}
{%- endmacro %}

{% macro default__last_day_of_month(day) -%}
  cast(date_trunc('month', {{ day }}) + interval '1 month' - interval '1 day' as date)
{%- endmacro %}

{% macro clickhouse__last_day_of_month(day) -%}
  toLastDayOfMonth({{ day }})
{%- endmacro %}
