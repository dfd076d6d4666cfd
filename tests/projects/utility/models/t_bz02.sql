select c_010, c_011, c_012 from {{ ref('s_bz') }}
