with numbers as (
    select
        number as appointment_id,
        1 + floor(power({{ draw('patient', 'number') }}, 1.35) * 1400)::int as patient_id,
        {{ draw('doctor', 'number') }} as doctor_draw,
        date '{{ var("first_day") }}' + floor(power({{ draw('day', 'number') }}, 0.82) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as drawn_day
    from generate_series(1, 7200) as series(number)
),

-- Clinics are shut on Sundays, and half of August's visits move to September.
placed as (
    select
        *,
        case
            when extract(month from drawn_day) = 8 and {{ draw('holiday', 'appointment_id') }} < 0.5 then drawn_day + 31
            when extract(isodow from drawn_day) = 7 then drawn_day + 1
            else drawn_day
        end as shifted_day
    from numbers
),

dated as (
    select *, least(case when extract(isodow from shifted_day) = 7 then shifted_day + 1 else shifted_day end, date '{{ var("last_day") }}') as visit_day
    from placed
)

select
    appointment_id,
    patient_id,
    {{ pick('doctor_draw', [(101, 0.11), (102, 0.17), (103, 0.25), (104, 0.28), (105, 0.35), (106, 0.39), (107, 0.43), (108, 0.50), (109, 0.53), (110, 0.59), (111, 0.63), (112, 0.68), (113, 0.70), (114, 0.74), (115, 0.79), (116, 0.82), (117, 0.88), (118, 0.91), (119, 0.94), (120, 0.96), (121, 0.98), (122, 1)]) }} as doctor_id,
    visit_day - floor({{ draw('lead', 'appointment_id') }} * 28)::int as booked_on,
    visit_day + interval '8 hours' + floor({{ draw('minute', 'appointment_id') }} * 600) * interval '1 minute' as starts_at,
    {{ pick(draw('status', 'appointment_id'), [("'attended'", 0.79), ("'no-show'", 0.88), ("'cancelled'", 0.96), ("'rescheduled'", 1)]) }} as status,
    {{ pick(draw('type', 'appointment_id'), [("'first visit'", 0.26), ("'follow-up'", 0.71), ("'check-up'", 0.92), ("'vaccination'", 1)]) }} as visit_type,
    {{ pick(draw('channel', 'appointment_id'), [("'phone'", 0.48), ("'online'", 0.81), ("'referral'", 0.94), ("'walk-in'", 1)]) }} as booking_channel,
    {{ draw('tele', 'appointment_id') }} < 0.06 + 0.0002 * (visit_day - date '{{ var("first_day") }}') as is_telehealth,
    case when {{ draw('status', 'appointment_id') }} < 0.79 then 3 + floor(power({{ draw('wait', 'appointment_id') }}, 2) * (50 + 40 * doctor_draw))::int end as wait_minutes,
    case when {{ draw('status', 'appointment_id') }} < 0.79 and {{ draw('answered', 'appointment_id') }} < 0.45 then 5 - floor(power({{ draw('score', 'appointment_id') }}, 1.8) * 5)::int end as satisfaction_score
from dated
