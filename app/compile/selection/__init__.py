"""dbt's node selection: which nodes of a manifest `--select`, `--exclude` and `--selector` mean."""
