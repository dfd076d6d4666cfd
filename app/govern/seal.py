"""The only maker of GovernedSql: nothing else holds a Seal, and an engine runs nothing without one."""

from __future__ import annotations

from app.model.sql import BoundValue, GovernedSql, Limits, Seal
from app.model.types import Dialect


def seal(
    *,
    dialect: Dialect,
    text: str,
    parameters: tuple[BoundValue, ...],
    limits: Limits,
    models: tuple[str, ...],
    policies: tuple[str, ...],
    fingerprint: str,
) -> GovernedSql:
    """Seal a statement that `govern` made and verified. Called by `govern` alone."""
    return GovernedSql(dialect, text, parameters, limits, models, policies, fingerprint, Seal(object()))
