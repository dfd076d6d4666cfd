"""The REST door: schema → service → schema, and nothing else. HTTP status, headers and limits are decided here alone."""
