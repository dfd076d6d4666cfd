select hotel_id, hotel_name, city, country, brand, stars, has_spa, room_count, level, opened_on from {{ ref('hotels') }}
