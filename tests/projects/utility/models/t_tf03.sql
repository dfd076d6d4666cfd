select c_020, c_021, c_022, c_023 from {{ ref('s_tf') }}
