select
    subscription_event_id,
    subscription_id,
    event_type,
    plan_code,
    monthly_amount,
    cancel_reason,
    occurred_at,
    loaded_at
from {{ source('boxes', 'subscription_events') }}
