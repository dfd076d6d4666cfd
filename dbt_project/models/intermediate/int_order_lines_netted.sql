-- Each order line with what was paid for it, what it cost, and what was given back.
with refunds_by_line as (
    select
        order_line_id,
        sum(refund_amount) as refunded_amount
    from {{ ref('stg_refunds') }}
    group by order_line_id
)

select
    lines.order_line_id as order_line_id,
    lines.order_id as order_id,
    lines.line_number as line_number,
    lines.product_id as product_id,
    orders.customer_id as customer_id,
    orders.store_id as store_id,
    orders.order_status as order_status,
    orders.ordered_at as ordered_at,
    lines.quantity as quantity,
    {{ typed('lines.quantity * lines.unit_price', 'money') }} as gross_amount,
    {{ typed('lines.discount_amount', 'money') }} as discount_amount,
    {{ typed('lines.quantity * lines.unit_price - lines.discount_amount', 'money') }} as net_amount,
    {{ typed('lines.quantity * products.unit_cost', 'money') }} as cost_amount,
    {{ typed('coalesce(refunds_by_line.refunded_amount, 0)', 'money') }} as refunded_amount
from {{ ref('stg_order_lines') }} as lines
inner join {{ ref('stg_orders') }} as orders on lines.order_id = orders.order_id
inner join {{ ref('stg_products') }} as products on lines.product_id = products.product_id
left join refunds_by_line on lines.order_line_id = refunds_by_line.order_line_id
