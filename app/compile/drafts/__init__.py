"""Drafts of semantic YAML in the form that a dbt version parses, each guess with what speaks for it."""
