select department_id, clinic_id, department_name, specialty, is_surgical
from {{ ref('departments') }}
