-- Nobody is given back more than they were charged for a line.
select
    order_line_id,
    refunded_amount,
    net_amount
from {{ ref('fct_order_lines') }}
where refunded_amount > net_amount or net_amount < 0
