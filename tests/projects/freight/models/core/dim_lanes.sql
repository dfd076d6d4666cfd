select lane_id, lane_name, destination_country, distance_band, is_cross_border, km, weight
from {{ ref('lanes') }}
