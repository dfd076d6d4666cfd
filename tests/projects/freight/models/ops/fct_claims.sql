with raised as (
    select
        shipments.shipment_id,
        shipments.freight_charge,
        shipments.delivered_on + floor({{ draw('filed', 'shipments.shipment_id') }} * 21)::int as filed_on,
        legs.carrier_id
    from {{ ref('fct_shipments') }} as shipments
    inner join {{ ref('fct_legs') }} as legs on shipments.shipment_id = legs.shipment_id and legs.leg_type = 'linehaul'
    where shipments.status = 'delivered'
        and {{ draw('claim', 'shipments.shipment_id') }} < case shipments.cargo_type when 'fragile' then 0.15 when 'refrigerated' then 0.1 when 'general' then 0.06 else 0.08 end
            + case when legs.carrier_id in (4, 10) then 0.05 else 0 end
),

decided as (
    select *, filed_on + 12 + floor({{ draw('settled', 'shipment_id') }} * 70)::int as ends_on, {{ draw('verdict', 'shipment_id') }} as verdict
    from raised
    where filed_on <= date '{{ var("last_day") }}'
)

select
    shipment_id + 40000 as claim_id,
    shipment_id,
    carrier_id,
    filed_on,
    case when ends_on <= date '{{ var("last_day") }}' then ends_on end as closed_on,
    {{ pick(draw('claim_type', 'shipment_id'), [("'damage'", 0.46), ("'delay'", 0.68), ("'loss'", 0.82), ("'shortage'", 0.93), ("'theft'", 1)]) }} as claim_type,
    case when ends_on > date '{{ var("last_day") }}' then 'open' when verdict < 0.31 then 'rejected' else 'settled' end as claim_status,
    {{ draw('disputed', 'shipment_id') }} < 0.17 as is_disputed,
    case when ends_on <= date '{{ var("last_day") }}' and verdict >= 0.31 then round((freight_charge * (0.2 + 1.6 * power({{ draw('paid', 'shipment_id') }}, 2)))::numeric, 2) end as amount_paid
from decided
