select
    number as guest_id,
    'Guest ' || number as guest_name,
    'guest' || number || '@mail.invalid' as email,
    {{ pick(draw('home', 'number'), [("'United Kingdom'", 0.24), ("'Germany'", 0.41), ("'Spain'", 0.53), ("'France'", 0.66), ("'Ireland'", 0.77), ("'United States'", 0.90), ("'Portugal'", 0.96), ("'Belgium'", 1)]) }} as home_country,
    {{ pick(draw('tier', 'number'), [("'none'", 0.56), ("'silver'", 0.81), ("'gold'", 0.94), ("'platinum'", 1)]) }} as loyalty_tier,
    {{ draw('work', 'number') }} < 0.27 as is_business,
    case when {{ draw('tier', 'number') }} >= 0.56 then date '2022-01-01' + floor({{ draw('joined', 'number') }} * 1600)::int end as joined_on
from generate_series(1, 2600) as series(number)
