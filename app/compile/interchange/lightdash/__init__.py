"""Lightdash's `meta` in dbt YAML."""
