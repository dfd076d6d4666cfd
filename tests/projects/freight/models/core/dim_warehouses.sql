select warehouse_id, warehouse_name, city, country, warehouse_type, has_cold_storage
from {{ ref('warehouses') }}
