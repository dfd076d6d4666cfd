select carrier_id, carrier_name, transport_mode, home_country, is_preferred, weight
from {{ ref('carriers') }}
