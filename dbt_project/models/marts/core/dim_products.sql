{{ config(order_by='product_id') }}

select
    {{ typed('product_id', 'id') }} as product_id,
    {{ typed('sku', 'text') }} as sku,
    {{ typed('product_name', 'text') }} as product_name,
    {{ typed('product_category', 'text') }} as product_category,
    {{ typed('origin', 'text_null') }} as origin,
    {{ typed('is_decaf', 'flag') }} as is_decaf,
    {{ typed('list_price', 'money') }} as list_price,
    {{ typed('unit_cost', 'money') }} as unit_cost,
    {{ typed('launched_on', 'day') }} as launched_on,
    {{ typed('discontinued_on', 'day_null') }} as discontinued_on
from {{ ref('stg_products') }}
