"""dbt's own files, read into typed records that list only what is used; every other key is skipped unread."""
