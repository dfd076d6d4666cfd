{#- Whole hours elapsed from one UTC timestamp to a later one; NULL where either is. -#}
{% macro hours_between(start_time, end_time) -%}
  {{ return(adapter.dispatch('hours_between')(start_time, end_time)) }}
{%- endmacro %}

{% macro default__hours_between(start_time, end_time) -%}
  floor(extract(epoch from ({{ end_time }} - {{ start_time }})) / 3600)
{%- endmacro %}

{% macro clickhouse__hours_between(start_time, end_time) -%}
  {#- dateDiff counts the hour boundaries that were crossed, which is another number. -#}
  intDiv(toUnixTimestamp({{ end_time }}) - toUnixTimestamp({{ start_time }}), 3600)
{%- endmacro %}
