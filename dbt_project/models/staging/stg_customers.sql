select
    customer_id,
    trim(full_name) as full_name,
    lower(trim(email)) as email,
    phone,
    date_of_birth,
    national_id,
    country_code,
    city,
    segment as customer_segment,
    signup_channel,
    marketing_opt_in,
    signed_up_at,
    loaded_at
from {{ source('shop', 'customers') }}
