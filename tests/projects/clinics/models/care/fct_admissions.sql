with numbers as (
    select
        number as admission_id,
        1 + floor(power({{ draw('in_patient', 'number') }}, 1.2) * 1400)::int as patient_id,
        date '{{ var("first_day") }}' + floor(power({{ draw('in_day', 'number') }}, 0.9) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as admitted_on,
        1 + floor(power({{ draw('nights', 'number') }}, 3) * 17)::int as stay
    from generate_series(1, 1150) as series(number)
),

placed as (
    select
        *,
        {{ pick(draw('in_dept', 'admission_id'), [(11, 0.17), (12, 0.31), (13, 0.38), (14, 0.51), (21, 0.61), (23, 0.70), (31, 0.75), (51, 0.84), (52, 0.90), (53, 1)]) }} as department_id
    from numbers
)

select
    admission_id,
    patient_id,
    department_id,
    admitted_on,
    case when admitted_on + stay <= date '{{ var("last_day") }}' then admitted_on + stay end as discharged_on,
    {{ pick(draw('urgency', 'admission_id'), [("'elective'", 0.52), ("'urgent'", 0.74), ("'emergency'", 1)]) }} as urgency,
    {{ pick(draw('ward', 'admission_id'), [("'standard'", 0.71), ("'private'", 0.87), ("'intensive'", 1)]) }} as ward_type,
    least(stay, date '{{ var("last_day") }}' - admitted_on + 1) as nights,
    {{ draw('again', 'admission_id') }} < case when stay > 7 then 0.17 else 0.07 end as is_readmission
from placed
