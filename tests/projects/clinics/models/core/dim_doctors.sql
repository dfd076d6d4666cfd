select doctor_id, department_id, doctor_name, grade, is_part_time, hired_on::date as hired_on
from {{ ref('doctors') }}
