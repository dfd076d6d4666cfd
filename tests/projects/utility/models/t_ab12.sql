with numbers as (
    select
        number,
        date '{{ var("first_day") }}' + floor(power({{ draw('beginn', 'number') }}, 0.9) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as c_203,
        {{ draw('ende', 'number') }} as end_draw
    from generate_series(1, 1500) as series(number)
),

ended as (
    -- A third of the contracts end, and most of these in the first year.
    select *, case when end_draw < 0.34 then c_203 + 30 + floor(power(end_draw / 0.34, 1.6) * 500)::int end as drawn_end
    from numbers
)

select
    number as c_200,
    1 + floor({{ draw('kunde', 'number') }} * 900)::int as c_201,
    {{ pick(draw('tarif', 'number'), [("1", 0.30), ("2", 0.48), ("3", 0.63), ("4", 0.74), ("5", 0.92), ("6", 1)]) }} as c_202,
    c_203,
    case when drawn_end <= date '{{ var("last_day") }}' then drawn_end end as c_204,
    {{ pick(draw('kanal', 'number'), [("'Online'", 0.46), ("'Shop'", 0.77), ("'Vertreter'", 1)]) }} as c_205,
    case
        when drawn_end <= date '{{ var("last_day") }}'
        then {{ pick(draw('grund', 'number'), [("'Umzug'", 0.41), ("'Preis'", 0.72), ("'Service'", 0.86), ("null", 1)]) }}
    end as c_206
from ended
