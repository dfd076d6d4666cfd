"""Schema files → the embedded warehouses."""
