with drawn as (
    select
        number as bill_id,
        {{ pick(draw('bhotel', 'number'), [("1", 0.16), ("2", 0.27), ("3", 0.49), ("4", 0.56), ("5", 0.73), ("6", 0.79), ("7", 0.90), ("8", 1)]) }} as hotel_id,
        date '{{ var("first_day") }}' + floor(power({{ draw('bday', 'number') }}, 0.9) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as billed_day,
        {{ pick(draw('meal', 'number'), [("'breakfast'", 0.26), ("'lunch'", 0.47), ("'dinner'", 0.81), ("'bar'", 1)]) }} as meal,
        1 + floor(power({{ draw('covers', 'number') }}, 1.7) * 7)::int as covers
    from generate_series(1, 15000) as series(number)
)

select
    bill_id,
    drawn.hotel_id,
    billed_day + case meal when 'breakfast' then interval '7 hours' when 'lunch' then interval '12 hours' when 'dinner' then interval '19 hours' else interval '21 hours' end + floor({{ draw('bmin', 'bill_id') }} * 150) * interval '1 minute' as billed_at,
    meal,
    covers,
    {{ draw('resident', 'bill_id') }} < case meal when 'breakfast' then 0.85 else 0.46 end as is_hotel_guest,
    {{ pick(draw('bpay', 'bill_id'), [("'card'", 0.61), ("'room charge'", 0.88), ("'cash'", 1)]) }} as payment_method,
    round((covers * level * case meal when 'breakfast' then 14 when 'lunch' then 23 when 'dinner' then 41 else 17 end * (0.7 + 0.6 * {{ draw('bprice', 'bill_id') }}))::numeric, 2) as amount,
    round((covers * 3 * {{ draw('tip', 'bill_id') }})::numeric, 2) as tip
from drawn
inner join {{ ref('dim_hotels') }} as hotels on drawn.hotel_id = hotels.hotel_id
where billed_day >= hotels.opened_on
