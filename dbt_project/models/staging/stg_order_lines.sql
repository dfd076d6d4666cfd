select
    order_line_id,
    order_id,
    line_number,
    product_id,
    quantity,
    unit_price,
    {{ typed('coalesce(discount_amount, 0)', 'money') }} as discount_amount,
    loaded_at
from {{ source('shop', 'order_lines') }}
