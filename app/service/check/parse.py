"""The check `parse`: dbt can read the project."""

from __future__ import annotations

from app.service.check.outcome import Outcome
from app.service.check.subject import Subject


def parse(subject: Subject) -> Outcome:
    """Read the head. Raises UserError DM2370, or as reading artifacts does."""
    targets, _ = subject.head
    engines = ", ".join(target.engine for target in targets)
    return Outcome("parse", f"dbt reads the project ({engines})")
