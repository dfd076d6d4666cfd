"""What every room says in SQL: parsing, spelling per engine, the allow-list, the join graph."""
