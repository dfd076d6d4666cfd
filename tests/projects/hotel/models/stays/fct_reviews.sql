with drawn as (
    select
        stay_id as review_id,
        stay_id,
        rooms.hotel_id,
        stars,
        checked_out_on + floor(power({{ draw('revday', 'stay_id') }}, 1.6) * 24)::int as posted_on
    from {{ ref('fct_stays') }} as stays
    inner join {{ ref('dim_rooms') }} as rooms on stays.room_id = rooms.room_id
    inner join {{ ref('dim_hotels') }} as hotels on rooms.hotel_id = hotels.hotel_id
    where {{ draw('reviews', 'stay_id') }} < 0.36
)

select
    review_id,
    stay_id,
    hotel_id,
    posted_on,
    {{ pick(draw('site', 'review_id'), [("'own survey'", 0.37), ("'Bookaro'", 0.66), ("'Tripzen'", 0.86), ("'Hotelscout'", 1)]) }} as review_site,
    {{ pick(draw('party', 'review_id'), [("'couple'", 0.41), ("'family'", 0.63), ("'solo'", 0.79), ("'friends'", 0.91), ("'colleagues'", 1)]) }} as travel_party,
    {{ draw('replied', 'review_id') }} < 0.58 as is_answered,
    least(10, greatest(1, 10 - floor(power({{ draw('rscore', 'review_id') }}, 1.5) * (11 - stars))::int)) as score
from drawn
where posted_on <= date '{{ var("last_day") }}'
