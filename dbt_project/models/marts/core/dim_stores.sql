{{ config(order_by='store_id') }}

select
    {{ typed('stores.store_id', 'id') }} as store_id,
    {{ typed('stores.store_name', 'text') }} as store_name,
    {{ typed('stores.city', 'text') }} as store_city,
    {{ typed('countries.country_name', 'text') }} as store_country,
    {{ typed('countries.region', 'text') }} as region,
    {{ typed('stores.opened_on', 'day') }} as opened_on
from {{ ref('stores') }} as stores
inner join {{ ref('countries') }} as countries on stores.country_code = countries.country_code
