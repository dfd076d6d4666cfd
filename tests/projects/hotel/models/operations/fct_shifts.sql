with drawn as (
    select
        number as shift_id,
        {{ pick(draw('shotel', 'number'), [("1", 0.18), ("2", 0.31), ("3", 0.47), ("4", 0.57), ("5", 0.70), ("6", 0.81), ("7", 0.90), ("8", 1)]) }} as hotel_id,
        date '{{ var("first_day") }}' + floor({{ draw('sday', 'number') }} * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as worked_on,
        {{ pick(draw('dept', 'number'), [("'housekeeping'", 0.34), ("'kitchen'", 0.56), ("'front desk'", 0.76), ("'waiting staff'", 0.91), ("'maintenance'", 1)]) }} as department,
        {{ pick(draw('slot', 'number'), [("'morning'", 0.49), ("'evening'", 0.84), ("'night'", 1)]) }} as shift_type,
        {{ draw('over', 'number') }} < 0.13 as is_overtime,
        4 + floor({{ draw('hours', 'number') }} * 13) / 2.0 as hours
    from generate_series(1, 9000) as series(number)
)

select
    shift_id,
    drawn.hotel_id * 100 + floor({{ draw('emp', 'shift_id') }} * 25)::int as employee_id,
    drawn.hotel_id,
    worked_on,
    department,
    shift_type,
    is_overtime,
    hours::numeric as hours,
    round((hours * case department when 'kitchen' then 17.5 when 'front desk' then 16 when 'maintenance' then 18.2 else 14.1 end * case when is_overtime then 1.5 else 1 end)::numeric, 2) as cost
from drawn
inner join {{ ref('dim_hotels') }} as hotels on drawn.hotel_id = hotels.hotel_id
where worked_on >= hotels.opened_on
