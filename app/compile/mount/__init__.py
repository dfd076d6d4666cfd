"""A schema's DDL and a policy file → a layer, where there is no dbt project."""
