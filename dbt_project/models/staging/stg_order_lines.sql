select
    order_line_id,
    order_id,
    line_number,
    product_id,
    quantity,
    unit_price,
    coalesce(discount_amount, 0) as discount_amount,
    loaded_at
from {{ source('shop', 'order_lines') }}
