"""The gateway's own store: users, tokens, layers, turns, feedback and the audit trail in a PostgreSQL that is never the warehouse."""
