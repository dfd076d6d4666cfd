"""The event bus (`app.ports.Bus`) over the Redis protocol's pub/sub."""
