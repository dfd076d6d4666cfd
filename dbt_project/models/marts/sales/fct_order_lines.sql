{{ config(order_by=['ordered_at', 'order_line_id']) }}

-- A cancelled order sold nothing: its lines are left out here, and the order itself stays in fct_orders.
select
    {{ typed('lines.order_line_id', 'id') }} as order_line_id,
    {{ typed('lines.order_id', 'id') }} as order_id,
    {{ typed('lines.line_number', 'count') }} as line_number,
    {{ typed('lines.customer_id', 'id') }} as customer_id,
    {{ typed('lines.product_id', 'id') }} as product_id,
    {{ typed('lines.store_id', 'id_null') }} as store_id,
    {{ typed('customers.region', 'text') }} as region,
    {{ typed('lines.ordered_at', 'time') }} as ordered_at,
    {{ typed('lines.quantity', 'count') }} as quantity,
    {{ typed('lines.gross_amount', 'money') }} as gross_amount,
    {{ typed('lines.discount_amount', 'money') }} as discount_amount,
    {{ typed('lines.net_amount', 'money') }} as net_amount,
    {{ typed('lines.cost_amount', 'money') }} as cost_amount,
    {{ typed('lines.refunded_amount', 'money') }} as refunded_amount,
    {{ typed('lines.refunded_amount > 0', 'flag') }} as is_refunded
from {{ ref('int_order_lines_netted') }} as lines
inner join {{ ref('dim_customers') }} as customers on lines.customer_id = customers.customer_id
where lines.order_status <> 'cancelled'
