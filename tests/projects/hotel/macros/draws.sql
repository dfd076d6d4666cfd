{#- A number from 0 to 1 that depends on the key and the topic alone: the data is the same in every build. -#}
{% macro draw(topic, key) -%}
  (('x' || substr(md5('{{ topic }}' || ':' || ({{ key }})::text), 1, 8))::bit(32)::bigint / 4294967296.0)
{%- endmacro %}

{#- One of the values, as often as its weight says: pairs of a value and the upper end of its part of 0 to 1. -#}
{% macro pick(number, pairs) -%}
  case {% for value, upper in pairs[:-1] %}when {{ number }} < {{ upper }} then {{ value }} {% endfor %}else {{ pairs[-1][0] }} end
{%- endmacro %}
