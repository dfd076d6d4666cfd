with numbers as (
    select
        hotel_id * 100 + number as room_id,
        hotel_id,
        number
    from {{ ref('dim_hotels') }}
    cross join generate_series(1, 40) as series(number)
    where number <= room_count
)

select
    room_id,
    hotel_id,
    1 + (number - 1) / 10 as floor,
    {{ pick(draw('rtype', 'room_id'), [("'single'", 0.16), ("'double'", 0.53), ("'twin'", 0.73), ("'family'", 0.88), ("'suite'", 1)]) }} as room_type,
    {{ pick(draw('view', 'room_id'), [("'street'", 0.37), ("'courtyard'", 0.62), ("'garden'", 0.79), ("'sea'", 1)]) }} as room_view,
    {{ draw('access', 'room_id') }} < 0.12 as is_accessible
from numbers
