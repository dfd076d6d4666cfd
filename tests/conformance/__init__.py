"""Metric queries with the rows that dbt's own engine returns for them, asked of both engines."""
