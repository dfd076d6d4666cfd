with numbers as (
    select
        number as shipment_id,
        date '{{ var("first_day") }}' + floor(power({{ draw('bday', 'number') }}, 0.86) * (date '{{ var("last_day") }}' - date '{{ var("first_day") }}' + 1))::int as drawn_day
    from generate_series(1, 6200) as series(number)
),

-- The peak before Christmas: some of what is drawn for January to March is booked in October to December; and few book on Sundays.
dated as (
    select
        shipment_id,
        case when extract(month from moved) in (1, 2) and {{ draw('peak', 'shipment_id') }} < 0.3 then moved - 75 else moved end as booked_on
    from (
        select
            shipment_id,
            case when extract(isodow from drawn_day) = 7 and {{ draw('sunday', 'shipment_id') }} < 0.8 and drawn_day > date '{{ var("first_day") }}' then drawn_day - 2 else drawn_day end as moved
        from numbers
    ) as weekdays
),

with_customer as (
    select distinct on (dated.shipment_id) dated.*, customers.customer_id, customers.industry, customers.has_contract
    from dated
    inner join {{ ref('dim_customers') }} as customers on customers.became_customer_on <= dated.booked_on
    order by dated.shipment_id, power({{ draw('customer', "dated.shipment_id || '-' || customers.customer_id") }}, 1 / customers.weight) desc
),

with_lane as (
    select distinct on (with_customer.shipment_id) with_customer.*, lanes.lane_id, lanes.km
    from with_customer
    cross join {{ ref('dim_lanes') }} as lanes
    order by with_customer.shipment_id, power({{ draw('lane', "with_customer.shipment_id || '-' || lanes.lane_id") }}, 1 / lanes.weight) desc
),

drawn as (
    select
        *,
        {{ pick(draw('warehouse', 'shipment_id'), [("1", 0.27), ("2", 0.41), ("3", 0.63), ("4", 0.76), ("5", 0.87), ("6", 0.94), ("7", 1)]) }} as warehouse_id,
        {{ pick(draw('service', 'shipment_id'), [("'economy'", 0.33), ("'standard'", 0.81), ("'express'", 1)]) }} as service_level,
        case
            when industry in ('food', 'pharma') and {{ draw('cargo', 'shipment_id') }} < 0.55 then 'refrigerated'
            when industry = 'chemicals' and {{ draw('cargo', 'shipment_id') }} < 0.5 then 'hazardous'
            when industry = 'construction' and {{ draw('cargo', 'shipment_id') }} < 0.4 then 'oversized'
            when industry = 'electronics' and {{ draw('cargo', 'shipment_id') }} < 0.6 then 'fragile'
            else {{ pick(draw('cargo2', 'shipment_id'), [("'general'", 0.82), ("'fragile'", 0.92), ("'oversized'", 1)]) }}
        end as cargo_type,
        {{ draw('cancel', 'shipment_id') }} < 0.062 as is_cancelled,
        {{ draw('insured', 'shipment_id') }} < 0.38 as is_insured,
        {{ draw('return', 'shipment_id') }} < 0.07 as is_return,
        round((180 + power({{ draw('kg', 'shipment_id') }}, 2) * 17800)::numeric) as weight_kg
    from with_lane
),

planned as (
    select
        *,
        booked_on + case service_level when 'express' then 2 when 'standard' then 4 else 7 end + floor(km / 700)::int as promised_on,
        booked_on + case service_level when 'express' then 1 when 'standard' then 2 else 4 end + floor(km / 700)::int
            + floor(power({{ draw('slow', 'shipment_id') }}, 1.6) * case service_level when 'express' then 2.3 when 'standard' then 4.1 else 5.4 end
                * case warehouse_id when 5 then 1.3 when 6 then 1.25 when 1 then 0.9 else 1 end)::int as arrives_on
    from drawn
)

select
    shipment_id,
    customer_id,
    warehouse_id,
    lane_id,
    booked_on,
    promised_on,
    case when not is_cancelled and arrives_on <= date '{{ var("last_day") }}' then arrives_on end as delivered_on,
    case
        when is_cancelled then 'cancelled'
        when arrives_on <= date '{{ var("last_day") }}' then 'delivered'
        when booked_on >= date '{{ var("last_day") }}' - 1 then 'booked'
        else 'in transit'
    end as status,
    service_level,
    cargo_type,
    is_insured,
    is_return,
    weight_kg,
    1 + floor(weight_kg / 620)::int as pallet_count,
    round(((95 + km * 1.02 + weight_kg * 0.043) * case service_level when 'express' then 1.42 when 'standard' then 1.1 else 0.94 end
        * case cargo_type when 'refrigerated' then 1.2 when 'hazardous' then 1.3 when 'oversized' then 1.35 else 1 end
        * case when has_contract then 0.93 else 1 end * (0.9 + 0.25 * {{ draw('price', 'shipment_id') }})
        * (1 + 0.00009 * (booked_on - date '{{ var("first_day") }}')))::numeric, 2) as freight_charge,
    round((km * (0.09 + 0.06 * {{ draw('fuel', "date_trunc('month', booked_on)::date") }}))::numeric, 2) as fuel_surcharge
from planned
