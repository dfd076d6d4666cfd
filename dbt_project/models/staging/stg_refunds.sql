select
    refund_id,
    order_line_id,
    amount as refund_amount,
    coalesce(reason, 'not given') as refund_reason,
    refunded_at,
    loaded_at
from {{ source('shop', 'refunds') }}
