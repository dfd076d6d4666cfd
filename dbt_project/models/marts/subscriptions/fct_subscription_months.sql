{{ config(order_by=['month_end', 'subscription_id']) }}

-- One row for each subscription that pays at the end of a month: a balance, to be read at one month's end and never added up over months.
with last_event as (
    select max({{ typed('occurred_at', 'day') }}) as last_day
    from {{ ref('stg_subscription_events') }}
),

month_ends as (
    select distinct days.month_end as month_end
    from {{ ref('dim_days') }} as days
    cross join last_event
    where days.month_end <= last_event.last_day
),

balances as (
    select
        spans.subscription_id as subscription_id,
        spans.plan_code as plan_code,
        spans.monthly_amount as monthly_amount,
        month_ends.month_end as month_end
    from {{ ref('int_subscription_spans') }} as spans
    cross join month_ends
    where spans.monthly_amount > 0
      and {{ typed('spans.valid_from', 'day') }} <= month_ends.month_end
      and (spans.valid_to is null or {{ typed('spans.valid_to', 'day_null') }} > month_ends.month_end)
)

select
    {{ typed("concat(cast(balances.subscription_id as " ~ var('types')[target.type].text ~ "), '@', cast(balances.month_end as " ~ var('types')[target.type].text ~ "))", 'text') }} as subscription_month_id,
    {{ typed('balances.subscription_id', 'id') }} as subscription_id,
    {{ typed('subscriptions.customer_id', 'id') }} as customer_id,
    {{ typed('customers.region', 'text') }} as region,
    {{ typed('plans.plan_name', 'text') }} as plan_name,
    {{ typed('plans.plan_tier', 'text') }} as plan_tier,
    {{ typed('balances.month_end', 'day') }} as month_end,
    {{ typed('balances.monthly_amount', 'money') }} as monthly_amount
from balances
inner join {{ ref('stg_subscriptions') }} as subscriptions on balances.subscription_id = subscriptions.subscription_id
inner join {{ ref('dim_customers') }} as customers on subscriptions.customer_id = customers.customer_id
inner join {{ ref('plans') }} as plans on balances.plan_code = plans.plan_code
