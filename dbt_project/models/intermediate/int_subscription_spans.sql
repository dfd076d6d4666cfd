-- Each event of a subscription with the time until which it holds, and by how much it changed the monthly amount.
-- The neighbours are read by frames of one row, not lag and lead, which not every ClickHouse release knows;
-- an empty frame is NULL only over a nullable value.
select
    subscription_event_id,
    subscription_id,
    event_type,
    plan_code,
    cancel_reason,
    monthly_amount,
    occurred_at as valid_from,
    min({{ typed('occurred_at', 'time_null') }}) over (
        partition by subscription_id order by occurred_at, subscription_event_id
        rows between 1 following and 1 following
    ) as valid_to,
    {{ typed("coalesce(
        min(" ~ typed('monthly_amount', 'money_null') ~ ") over (
            partition by subscription_id order by occurred_at, subscription_event_id
            rows between 1 preceding and 1 preceding
        ),
        0
    )", 'money') }} as previous_monthly_amount
from {{ ref('stg_subscription_events') }}
