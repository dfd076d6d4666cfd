"""A small server that speaks ClickHouse's HTTP interface over chDB, ClickHouse's engine in this process; run it with `python -m`."""
