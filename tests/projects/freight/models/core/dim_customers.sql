select customer_id, customer_name, industry, account_tier, sales_region, has_contract, became_customer_on::date as became_customer_on, weight
from {{ ref('customers') }}
