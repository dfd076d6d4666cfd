with numbers as (
    select number as driver_id from generate_series(1, 36) as series(number)
)

select
    driver_id,
    'D-' || lpad(driver_id::text, 3, '0') as driver_code,
    'Driver ' || driver_id as full_name,
    '+49 40 0000 ' || lpad(driver_id::text, 4, '0') as phone,
    {{ pick(draw('licence', 'driver_id'), [("'C1'", 0.15), ("'C'", 0.42), ("'CE'", 1)]) }} as licence_class,
    {{ pick(draw('depot', 'driver_id'), [("'Hamburg'", 0.44), ("'Duisburg'", 0.72), ("'Poznan'", 1)]) }} as home_depot,
    {{ draw('agency', 'driver_id') }} < 0.3 as is_agency,
    date '2021-03-01' + floor({{ draw('hired', 'driver_id') }} * 900)::int as hired_on
from numbers
