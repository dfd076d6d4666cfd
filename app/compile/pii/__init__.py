"""PII classes along lineage: what is derived from personal data is personal, until somebody says otherwise with a reason."""
