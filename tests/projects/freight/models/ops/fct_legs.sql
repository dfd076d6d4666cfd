with cut as (
    select shipments.*, lanes.km, lanes.distance_band, kind.leg_no, kind.leg_type, kind.part, kind.after_days
    from {{ ref('fct_shipments') }} as shipments
    inner join {{ ref('dim_lanes') }} as lanes on shipments.lane_id = lanes.lane_id
    inner join (values (1, 'pickup', 0.07, 0), (2, 'linehaul', 0.84, 1), (3, 'last mile', 0.09, 2)) as kind(leg_no, leg_type, part, after_days)
        on (lanes.distance_band <> 'short' or kind.leg_type = 'linehaul')
    where shipments.status <> 'cancelled'
),

timed as (
    select
        *,
        shipment_id * 10 + leg_no as leg_id,
        (booked_on + case when leg_type = 'last mile' then greatest(after_days, coalesce(delivered_on, promised_on) - booked_on) else after_days end)
            + interval '5 hours' + floor({{ draw('hour', "shipment_id * 10 + leg_no") }} * 900) * interval '1 minute' as departed_at,
        round((km * part * (0.85 + 0.3 * {{ draw('km', "shipment_id * 10 + leg_no") }}))::numeric, 1) as distance_km
    from cut
),

carried as (
    select distinct on (timed.leg_id) timed.*, carriers.carrier_id, carriers.transport_mode, carriers.carrier_name
    from timed
    inner join {{ ref('dim_carriers') }} as carriers
        on carriers.transport_mode = 'road' or (timed.leg_type = 'linehaul' and timed.distance_band <> 'short' and (carriers.transport_mode <> 'air' or timed.service_level = 'express'))
    where timed.departed_at < date '{{ var("last_day") }}' + 1
    order by timed.leg_id, power({{ draw('carrier', "timed.leg_id || '-' || carriers.carrier_id") }}, 1 / carriers.weight) desc
)

select
    leg_id,
    shipment_id,
    carrier_id,
    case when transport_mode = 'road' then 1 + floor(power({{ draw('driver', 'leg_id') }}, 1.35) * 36)::int end as driver_id,
    departed_at,
    departed_at + interval '1 hour' + distance_km * interval '1 minute' * case transport_mode when 'air' then 0.15 when 'sea' then 2.6 when 'rail' then 1.5 else 0.9 end as arrived_at,
    leg_type,
    carrier_name <> 'Northquay Own Fleet' and {{ draw('sub', 'leg_id') }} < 0.24 as is_subcontracted,
    distance_km,
    case when {{ draw('late', 'leg_id') }} < 0.3 then floor({{ draw('minutes', 'leg_id') }} * 190)::int else 0 end as delay_minutes,
    round((38 + distance_km * case transport_mode when 'air' then 2.3 when 'sea' then 0.66 when 'rail' then 0.74 else 0.93 end
        * (0.85 + 0.3 * {{ draw('cost', 'leg_id') }}) + weight_kg * 0.006)::numeric, 2) as leg_cost
from carried
