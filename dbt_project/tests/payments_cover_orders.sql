-- What was paid for an order is what its lines and its delivery cost; a cancelled order was never charged.
select
    order_id,
    paid_amount,
    order_amount,
    shipping_fee
from {{ ref('fct_orders') }}
where paid_amount <> case when order_status = 'cancelled' then 0 else order_amount + shipping_fee end
