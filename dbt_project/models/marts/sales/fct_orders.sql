{{ config(order_by=['ordered_at', 'order_id']) }}

with line_totals as (
    select
        order_id,
        sum(quantity) as item_count,
        sum(net_amount) as order_amount,
        sum(refunded_amount) as refunded_amount
    from {{ ref('int_order_lines_netted') }}
    group by order_id
),

payment_totals as (
    select
        order_id,
        case when count(*) > 1 then 'split' else max(payment_method) end as payment_method,
        max(card_last_four) as card_last_four,
        sum(payment_amount) as paid_amount
    from {{ ref('stg_payments') }}
    group by order_id
),

ranked_orders as (
    select
        order_id,
        row_number() over (partition by customer_id order by ordered_at, order_id) as order_number
    from {{ ref('stg_orders') }}
    where order_status <> 'cancelled'
)

select
    {{ typed('orders.order_id', 'id') }} as order_id,
    {{ typed('orders.customer_id', 'id') }} as customer_id,
    {{ typed('orders.store_id', 'id_null') }} as store_id,
    {{ typed('customers.country_code', 'text') }} as country_code,
    {{ typed('customers.region', 'text') }} as region,
    {{ typed('orders.sales_channel', 'text') }} as sales_channel,
    {{ typed('orders.order_status', 'text') }} as order_status,
    {{ typed('orders.promo_code', 'text_null') }} as promo_code,
    {{ typed('payment_totals.payment_method', 'text_null') }} as payment_method,
    {{ typed('payment_totals.card_last_four', 'text_null') }} as card_last_four,
    {{ typed('orders.ordered_at', 'time') }} as ordered_at,
    {{ typed('orders.shipped_at', 'time_null') }} as shipped_at,
    {{ typed(hours_between('orders.ordered_at', 'orders.shipped_at'), 'count_null') }} as hours_to_ship,
    {{ typed('coalesce(ranked_orders.order_number, 0) = 1', 'flag') }} as is_first_order,
    {{ typed('line_totals.item_count', 'count') }} as item_count,
    {{ typed('line_totals.order_amount', 'money') }} as order_amount,
    {{ typed('orders.shipping_fee', 'money') }} as shipping_fee,
    {{ typed('coalesce(payment_totals.paid_amount, 0)', 'money') }} as paid_amount,
    {{ typed('line_totals.refunded_amount', 'money') }} as refunded_amount
from {{ ref('stg_orders') }} as orders
inner join {{ ref('dim_customers') }} as customers on orders.customer_id = customers.customer_id
inner join line_totals on orders.order_id = line_totals.order_id
left join payment_totals on orders.order_id = payment_totals.order_id
left join ranked_orders on orders.order_id = ranked_orders.order_id
