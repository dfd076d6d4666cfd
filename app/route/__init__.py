"""Which engine answers, and why."""
