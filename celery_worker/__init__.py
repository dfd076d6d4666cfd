"""The background worker: a task parses its arguments, calls one use case and returns what JSON can hold."""
