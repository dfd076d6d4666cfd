-- An order is delivered again when its status changes late: the version that was loaded last is the one that counts.
with versions as (
    select
        order_id,
        customer_id,
        store_id,
        channel,
        status,
        placed_at,
        shipped_at,
        promo_code,
        shipping_fee,
        loaded_at,
        row_number() over (partition by order_id order by loaded_at desc) as recency
    from {{ source('shop', 'orders') }}
)

select
    order_id,
    customer_id,
    store_id,
    channel as sales_channel,
    status as order_status,
    placed_at as ordered_at,
    shipped_at,
    upper(promo_code) as promo_code,
    shipping_fee,
    loaded_at
from versions
where recency = 1
