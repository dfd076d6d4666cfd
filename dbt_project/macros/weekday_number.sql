{#- 1 for Monday to 7 for Sunday (ISO 8601). -#}
{% macro weekday_number(day) -%}
  {{ return(adapter.dispatch('weekday_number')(day)) }}
{%- endmacro %}

{% macro default__weekday_number(day) -%}
  extract(isodow from {{ day }})
{%- endmacro %}

{% macro clickhouse__weekday_number(day) -%}
  toDayOfWeek({{ day }})
{%- endmacro %}
