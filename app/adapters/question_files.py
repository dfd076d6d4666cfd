"""Files of golden questions on disk."""

from __future__ import annotations

from pathlib import Path

from app.errors import Problem, UserError, Where

FILE = "questions.jsonl"
"""Where a project keeps its own, beside dbt_project.yml."""


def read_question_file(path: Path) -> bytes:
    """What the file holds. Raises UserError DM6050 where it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(Problem("DM6050", f"the questions can't be read: {error.strerror}", where=Where(str(path)))) from None
