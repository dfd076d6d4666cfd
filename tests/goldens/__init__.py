"""Metric queries as people read them, executed on both engines."""
