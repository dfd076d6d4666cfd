{{ config(order_by=['started_at', 'session_id']) }}

select
    {{ typed('sessions.session_id', 'id') }} as session_id,
    {{ typed('sessions.customer_id', 'id_null') }} as customer_id,
    {{ typed('countries.country_name', 'text') }} as session_country,
    {{ typed('countries.region', 'text') }} as region,
    {{ typed('sessions.device', 'text') }} as device,
    {{ typed('sessions.traffic_source', 'text') }} as traffic_source,
    {{ typed('sessions.started_at', 'time') }} as started_at,
    {{ typed('sessions.page_views', 'count') }} as page_views,
    {{ typed('sessions.page_views = 1', 'flag') }} as is_bounce
from {{ ref('stg_web_sessions') }} as sessions
inner join {{ ref('countries') }} as countries on sessions.country_code = countries.country_code
