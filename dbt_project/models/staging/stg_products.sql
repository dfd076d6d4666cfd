select
    product_id,
    sku,
    product_name,
    category as product_category,
    origin,
    is_decaf,
    list_price,
    unit_cost,
    launched_on,
    discontinued_on,
    loaded_at
from {{ source('shop', 'products') }}
