{{ config(order_by=['occurred_at', 'subscription_event_id']) }}

select
    {{ typed('spans.subscription_event_id', 'id') }} as subscription_event_id,
    {{ typed('spans.subscription_id', 'id') }} as subscription_id,
    {{ typed('subscriptions.customer_id', 'id') }} as customer_id,
    {{ typed('customers.region', 'text') }} as region,
    {{ typed('spans.event_type', 'text') }} as event_type,
    {{ typed('plans.plan_name', 'text') }} as plan_name,
    {{ typed('plans.plan_tier', 'text') }} as plan_tier,
    {{ typed('subscriptions.signup_source', 'text') }} as signup_source,
    {{ typed('spans.cancel_reason', 'text_null') }} as cancel_reason,
    {{ typed('spans.valid_from', 'time') }} as occurred_at,
    {{ typed('spans.monthly_amount', 'money') }} as monthly_amount,
    {{ typed('spans.monthly_amount - spans.previous_monthly_amount', 'money') }} as monthly_change
from {{ ref('int_subscription_spans') }} as spans
inner join {{ ref('stg_subscriptions') }} as subscriptions on spans.subscription_id = subscriptions.subscription_id
inner join {{ ref('dim_customers') }} as customers on subscriptions.customer_id = customers.customer_id
inner join {{ ref('plans') }} as plans on spans.plan_code = plans.plan_code
