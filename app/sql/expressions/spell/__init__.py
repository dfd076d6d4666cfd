"""Each engine's spelling of expressions: functions are written by us, never transpiled."""
