with numbers as (
    select
        number as reservation_id,
        1 + floor(power({{ draw('rguest', 'number') }}, 1.4) * 2600)::int as guest_id,
        {{ pick(draw('rhotel', 'number'), [("1", 0.17), ("2", 0.34), ("3", 0.50), ("4", 0.64), ("5", 0.73), ("6", 0.85), ("7", 0.91), ("8", 1)]) }} as hotel_id,
        date '{{ var("first_day") }}' + floor(power({{ draw('rday', 'number') }}, 0.82) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as booked_on,
        {{ pick(draw('rchan', 'number'), [("'website'", 0.31), ("'Bookaro'", 0.58), ("'Tripzen'", 0.74), ("'phone'", 0.85), ("'travel agent'", 0.94), ("'walk-in'", 1)]) }} as channel,
        {{ pick(draw('rplan', 'number'), [("'flexible'", 0.44), ("'non-refundable'", 0.68), ("'half board'", 0.83), ("'corporate'", 0.94), ("'long stay'", 1)]) }} as rate_plan
    from generate_series(1, 9600) as series(number)
),

planned as (
    select
        *,
        case when channel = 'walk-in' then 0 else floor(power({{ draw('lead', 'reservation_id') }}, 2.2) * 150)::int end as lead_days,
        case when rate_plan = 'long stay' then 7 + floor({{ draw('long', 'reservation_id') }} * 10)::int else 1 + floor(power({{ draw('nights', 'reservation_id') }}, 1.8) * 7)::int end as nights,
        {{ draw('cancels', 'reservation_id') }}
        < case channel when 'walk-in' then 0 when 'Bookaro' then 0.27 when 'Tripzen' then 0.21 else 0.13 end
        * case rate_plan when 'non-refundable' then 0.3 else 1.2 end as cancels
    from numbers
),

dated as (
    select
        planned.*,
        booked_on + lead_days as arrival_on,
        case when cancels then booked_on + floor({{ draw('cday', 'reservation_id') }} * (lead_days + 1))::int end as drawn_cancellation
    from planned
    inner join {{ ref('dim_hotels') }} as hotels on planned.hotel_id = hotels.hotel_id
    where booked_on >= hotels.opened_on - 30 and booked_on + lead_days >= hotels.opened_on
)

select
    reservation_id,
    guest_id,
    hotel_id,
    booked_on,
    arrival_on,
    nights,
    lead_days,
    case when drawn_cancellation <= date '{{ var("last_day") }}' then drawn_cancellation end as cancelled_on,
    case
        when drawn_cancellation <= date '{{ var("last_day") }}' then 'cancelled'
        when arrival_on > date '{{ var("last_day") }}' then 'confirmed'
        when {{ draw('noshow', 'reservation_id') }} < 0.035 and channel <> 'walk-in' then 'no-show'
        when arrival_on + nights > date '{{ var("last_day") }}' then 'in house'
        else 'checked out'
    end as reservation_status,
    channel,
    rate_plan,
    rate_plan = 'non-refundable' or {{ draw('prepaid', 'reservation_id') }} < 0.2 as is_prepaid
from dated
