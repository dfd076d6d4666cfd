select
    subscription_id,
    customer_id,
    signup_source,
    started_at,
    loaded_at
from {{ source('boxes', 'subscriptions') }}
