select insurer_id, case when insurer_kind = 'self-pay' then 'Self-payers' else insurer_name end as insurer_name, insurer_kind
from {{ ref('insurers') }}
