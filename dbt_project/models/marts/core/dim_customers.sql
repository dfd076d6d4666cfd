{{ config(order_by='customer_id') }}

with lifetimes as (
    select
        customer_id,
        min(ordered_at) as first_ordered_at,
        count(distinct order_id) as lifetime_orders,
        sum(net_amount) as lifetime_revenue
    from {{ ref('int_order_lines_netted') }}
    where order_status <> 'cancelled'
    group by customer_id
)

select
    {{ typed('customers.customer_id', 'id') }} as customer_id,
    {{ typed('customers.full_name', 'text') }} as full_name,
    {{ typed('customers.email', 'text') }} as email,
    {{ typed('customers.phone', 'text_null') }} as phone,
    {{ typed('customers.date_of_birth', 'birthday') }} as date_of_birth,
    {{ typed('customers.national_id', 'text_null') }} as national_id,
    {{ typed('customers.customer_segment', 'text') }} as customer_segment,
    {{ typed('customers.signup_channel', 'text') }} as signup_channel,
    {{ typed('customers.marketing_opt_in', 'flag') }} as marketing_opt_in,
    {{ typed('customers.country_code', 'text') }} as country_code,
    {{ typed('countries.country_name', 'text') }} as country,
    {{ typed('countries.region', 'text') }} as region,
    {{ typed('customers.city', 'text_null') }} as city,
    {{ typed('customers.signed_up_at', 'time') }} as signed_up_at,
    {{ typed('lifetimes.first_ordered_at', 'time_null') }} as first_ordered_at,
    {{ typed('coalesce(lifetimes.lifetime_orders, 0)', 'count') }} as lifetime_orders,
    {{ typed('coalesce(lifetimes.lifetime_revenue, 0)', 'money') }} as lifetime_revenue
from {{ ref('stg_customers') }} as customers
inner join {{ ref('countries') }} as countries on customers.country_code = countries.country_code
left join lifetimes on customers.customer_id = lifetimes.customer_id
