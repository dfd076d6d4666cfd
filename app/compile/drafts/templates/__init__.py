"""Templates of metrics that most businesses have: each writes dbt's YAML over the measures and metrics of a project."""
