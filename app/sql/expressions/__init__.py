"""Expressions: text to `app.model.expr` by closed grammars, and from there to each engine's SQL."""
