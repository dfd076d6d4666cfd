select day::date as date_day
from generate_series(timestamp '2022-01-01', timestamp '2027-12-31', interval '1 day') as series(day)
