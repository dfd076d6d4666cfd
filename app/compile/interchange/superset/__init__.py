"""Superset's datasets, as an export and as its REST API has them."""
