"""DataMind: a dbt project compiled into a governed semantic layer that answers questions."""
