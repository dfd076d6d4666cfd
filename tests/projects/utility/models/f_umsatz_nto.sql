with numbers as (
    select
        number as c_100,
        1 + floor(power({{ draw('rk', 'number') }}, 1.2) * 900)::int as c_101,
        {{ pick(draw('rt', 'number'), [("1", 0.33), ("2", 0.47), ("3", 0.62), ("4", 0.70), ("5", 0.93), ("6", 1)]) }} as c_102,
        date '{{ var("first_day") }}' + floor(power({{ draw('rd', 'number') }}, 0.93) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as c_103
    from generate_series(1, 9000) as series(number)
),

used as (
    -- Heating follows the winter, and industry uses thirty times what a household does.
    select
        numbers.*,
        customers.c_002 as customer_type,
        round((
            (60 + 240 * {{ draw('rv', 'c_100') }})
            * case customers.c_002 when 'Industrie' then 31 when 'Gewerbe' then 5.5 else 1 end
            * case when c_102 in (3, 4, 6) then 1 + 0.8 * cos(2 * pi() * extract(doy from c_103) / 365.0) else 1 end
        )::numeric, 1) as c_105
    from numbers
    inner join {{ ref('t_kd01') }} as customers on numbers.c_101 = customers.c_001
),

priced as (
    select
        *,
        round((
            (9 + c_105 * case c_102 when 1 then 0.31 when 2 then 0.36 when 3 then 0.11 when 4 then 0.13 when 5 then 0.07 else 0.16 end)
            * case customer_type when 'Industrie' then 0.55 when 'Gewerbe' then 0.82 else 1 end
            * (1 + 0.0001 * (c_103 - date '{{ var("first_day") }}'))
        )::numeric, 2) as gross
    from used
)

select
    c_100,
    c_101,
    c_102,
    c_103,
    gross - discount as c_104,
    c_105,
    {{ draw('bezahlt', 'c_100') }} < case when c_103 > date '{{ var("last_day") }}' - 30 then 0.55 else 0.955 end as c_106,
    {{ pick(draw('zahlweg', 'c_100'), [("'SEPA'", 0.68), ("'Überweisung'", 0.91), ("'bar'", 1)]) }} as c_107,
    discount as c_108
from priced
cross join lateral (select case when {{ draw('rabatt', 'c_100') }} < 0.16 then round(gross * 0.12, 2) else 0 end as discount) as discounts
