{#- Cast to the type that this target's contracts call `type_name` (see `vars.types` in dbt_project.yml). -#}
{% macro typed(expression, type_name) -%}
  cast({{ expression }} as {{ var('types')[target.type][type_name] }})
{%- endmacro %}
