select
    number as c_300,
    1 + floor(power({{ draw('sk', 'number') }}, 1.5) * 900)::int as c_301,
    date '{{ var("first_day") }}' + floor({{ draw('sd', 'number') }} * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as c_302,
    {{ pick(draw('sc', 'number'), [("'Störung'", 0.19), ("'Rechnung'", 0.57), ("'Umzug'", 0.81), ("'Zähler'", 1)]) }} as c_303,
    {{ pick(draw('sw', 'number'), [("'Telefon'", 0.55), ("'E-Mail'", 0.86), ("'App'", 1)]) }} as c_304,
    floor(power({{ draw('sl', 'number') }}, 2.2) * 21)::int as c_305,
    {{ draw('se', 'number') }} < 0.08 as c_306
from generate_series(1, 2600) as series(number)
