select day::date as z_001
from generate_series(timestamp '2022-01-01', timestamp '2027-12-31', interval '1 day') as series(day)
