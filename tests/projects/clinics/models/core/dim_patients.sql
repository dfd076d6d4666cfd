with numbers as (
    select number as patient_id from generate_series(1, 1400) as series(number)
)

select
    patient_id,
    'Patient ' || patient_id as patient_name,
    {{ pick(draw('sex', 'patient_id'), [("'female'", 0.55), ("'male'", 0.985), ("'not stated'", 1)]) }} as sex,
    {{ pick(draw('age', 'patient_id'), [("'under 18'", 0.17), ("'18 to 39'", 0.40), ("'40 to 64'", 0.72), ("'65 and over'", 1)]) }} as age_band,
    {{ pick(draw('home', 'patient_id'), [("'Ashby Vale'", 0.34), ("'Penholt'", 0.52), ("'Saltmere'", 0.64), ("'Dunwick'", 0.71), ("'Corrowby'", 0.90), ("'Tarrant Cross'", 0.96), ("null", 1)]) }} as home_town,
    {{ pick(draw('insurer', 'patient_id'), [("1", 0.46), ("2", 0.68), ("3", 0.85), ("4", 0.93), ("5", 1)]) }} as insurer_id,
    {{ draw('chronic', 'patient_id') }} < 0.23 as has_chronic_condition,
    -- More people register as time goes by: the power leans to the end of the period.
    date '{{ var("first_day") }}' + floor(power({{ draw('registered', 'patient_id') }}, 0.7) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}'))::int as registered_on
from numbers
