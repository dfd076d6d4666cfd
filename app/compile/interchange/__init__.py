"""Other tools' semantic layers: what they define, drafted as dbt YAML (import), and ours, written in their formats (export)."""
