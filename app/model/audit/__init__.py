"""The audit trail: what happened (`event`), what may happen (`catalogue`), and the chain that shows what was altered (`chain`)."""
