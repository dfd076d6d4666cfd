"""PostgreSQL, ClickHouse's engine and Valkey from Python wheels: the servers of a demo, a test run or a laptop, without containers or root."""
