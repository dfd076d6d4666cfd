select
    payment_id,
    order_id,
    method as payment_method,
    card_last_four,
    amount as payment_amount,
    paid_at,
    loaded_at
from {{ source('shop', 'payments') }}
