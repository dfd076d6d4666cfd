with days as (
    {{ days_between(var('calendar_start'), var('calendar_end')) }}
)

select
    {{ typed('date_day', 'day') }} as date_day,
    {{ typed(first_day_of('month', 'date_day'), 'day') }} as month_start,
    {{ typed(last_day_of_month('date_day'), 'day') }} as month_end,
    {{ typed(first_day_of('quarter', 'date_day'), 'day') }} as quarter_start,
    {{ typed(first_day_of('year', 'date_day'), 'day') }} as year_start,
    {{ typed(weekday_number('date_day'), 'count') }} as weekday_number,
    {{ typed(weekday_number('date_day') ~ ' >= 6', 'flag') }} as is_weekend
from days
