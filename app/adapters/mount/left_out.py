"""What is said of a statement that a server refused."""

from __future__ import annotations

from app.adapters.mount.files import SchemaFile
from app.errors import Problem, Severity, Where
from app.sql.statements import Statement

_SHOWN = 60


def left_out(file: SchemaFile, statement: Statement, why: str) -> Problem:
    """A note with the statement's beginning and the server's reason: who mounts a file may read both."""
    head = " ".join(statement.text[:_SHOWN].split()) + ("…" if len(statement.text) > _SHOWN else "")
    hint = "nothing of it is there; the rest is"
    return Problem("DM1407", f"left out: {head} ({why})", Severity.NOTE, Where(str(file.path), statement.line), hint)
