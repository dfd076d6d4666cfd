select
    session_id,
    customer_id,
    country_code,
    device,
    coalesce(traffic_source, 'unknown') as traffic_source,
    page_views,
    started_at,
    loaded_at
from {{ source('web', 'web_sessions') }}
