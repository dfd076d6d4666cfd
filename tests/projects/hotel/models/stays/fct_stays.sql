with drawn as (
    select
        reservations.reservation_id as stay_id,
        reservations.*,
        reservations.hotel_id * 100 + 1 + floor({{ draw('room', 'reservations.reservation_id') }} * hotels.room_count)::int as room_id,
        hotels.level
    from {{ ref('fct_reservations') }} as reservations
    inner join {{ ref('dim_hotels') }} as hotels on reservations.hotel_id = hotels.hotel_id
    where reservation_status = 'checked out'
)

select
    stay_id,
    reservation_id,
    drawn.room_id,
    arrival_on as checked_in_on,
    arrival_on + nights as checked_out_on,
    nights,
    round((
        nights * level
        * case room_type when 'single' then 78 when 'double' then 112 when 'twin' then 108 when 'family' then 151 else 236 end
        * case when extract(month from arrival_on) in (6, 7, 8) then 1.3 when extract(month from arrival_on) in (1, 2, 11) then 0.82 else 1 end
        * case rate_plan when 'non-refundable' then 0.88 when 'half board' then 1.24 when 'corporate' then 0.93 when 'long stay' then 0.79 else 1 end
        * (0.9 + 0.2 * {{ draw('price', 'stay_id') }})
    )::numeric, 2) as room_amount,
    {{ draw('late', 'stay_id') }} < 0.09 as is_late_checkout
from drawn
inner join {{ ref('dim_rooms') }} as rooms on drawn.room_id = rooms.room_id
