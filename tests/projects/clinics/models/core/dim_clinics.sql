select clinic_id, clinic_name, town, county, bed_count, has_emergency_room, opened_on::date as opened_on
from {{ ref('clinics') }}
