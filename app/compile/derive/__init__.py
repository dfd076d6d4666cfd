"""Semantic models and row counts for models of which the project defines none: what columns, tests, constraints and types say for certain."""
