select
    number as c_001,
    {{ pick(draw('art', 'number'), [("'Privat'", 0.81), ("'Gewerbe'", 0.965), ("'Industrie'", 1)]) }} as c_002,
    {{ pick(draw('bezirk', 'number'), [("1", 0.29), ("2", 0.43), ("3", 0.62), ("4", 0.70), ("5", 0.88), ("6", 1)]) }} as c_003,
    'Kunde ' || number as c_004
from generate_series(1, 900) as series(number)
