-- The balance at each month's end is the sum of all changes up to then: two ways to the same number.
with balances as (
    select month_end, sum(monthly_amount) as balance
    from {{ ref('fct_subscription_months') }}
    group by month_end
),

changes as (
    select balances.month_end as month_end, sum(events.monthly_change) as balance
    from balances
    cross join {{ ref('fct_subscription_events') }} as events
    where {{ typed('events.occurred_at', 'day') }} <= balances.month_end
    group by balances.month_end
)

select
    balances.month_end,
    balances.balance as balance_of_rows,
    changes.balance as balance_of_changes
from balances
inner join changes on balances.month_end = changes.month_end
where balances.balance <> changes.balance
