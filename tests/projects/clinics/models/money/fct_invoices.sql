-- One invoice for each visit that took place, and one for each stay that is over.
with items as (
    select
        appointment_id as invoice_id,
        appointments.patient_id,
        doctors.department_id,
        (starts_at::date + 3 + floor({{ draw('issue', 'appointment_id') }} * 9)::int) as issued_on,
        round((38 + 150 * power({{ draw('fee', 'appointment_id') }}, 2) + case doctors.grade when 'consultant' then 45 when 'registrar' then 15 else 0 end)::numeric, 2) as amount,
        'outpatient' as care_setting
    from {{ ref('fct_appointments') }} as appointments
    inner join {{ ref('dim_doctors') }} as doctors on appointments.doctor_id = doctors.doctor_id
    where appointments.status = 'attended'

    union all

    select
        100000 + admission_id as invoice_id,
        patient_id,
        department_id,
        discharged_on + 5 as issued_on,
        round((320 * nights + 900 * power({{ draw('stay_fee', 'admission_id') }}, 3) + case ward_type when 'private' then 140 * nights when 'intensive' then 510 * nights else 0 end)::numeric, 2) as amount,
        'inpatient' as care_setting
    from {{ ref('fct_admissions') }}
    where discharged_on is not null
),

states as (
    select
        *,
        issued_on + 4 + floor({{ draw('paid', 'invoice_id') }} * 70)::int as settled_on,
        {{ draw('state', 'invoice_id') }} as state_draw
    from items
    where issued_on <= date '{{ var("last_day") }}'
)

select
    invoice_id,
    patient_id,
    department_id,
    issued_on,
    case when state_draw < 0.93 and settled_on <= date '{{ var("last_day") }}' then settled_on end as paid_on,
    case
        when state_draw < 0.93 and settled_on <= date '{{ var("last_day") }}' then 'paid'
        when state_draw >= 0.975 then 'written off'
        when issued_on < date '{{ var("last_day") }}' - 30 then 'overdue'
        else 'open'
    end as invoice_status,
    care_setting,
    amount,
    case when state_draw < 0.93 and settled_on <= date '{{ var("last_day") }}' then amount else 0 end as paid_amount
from states
