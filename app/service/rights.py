"""Which role may use which door. Row and column policies come on top, in the pipeline."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.principal import Role
from app.service.audit import Caller

ASKING = (Role.ANALYST, Role.ADMIN)


def require_asking(caller: Caller) -> None:
    """Only analysts and admins ask and query. Raises UserError DM7010."""
    if caller.principal.role not in ASKING:
        raise UserError(
            Problem("DM7010", f"the role {caller.principal.role} may not ask or query", hint="ask an admin for the role analyst")
        )


def require_admin(caller: Caller) -> None:
    """Only admins govern. Raises UserError DM7011."""
    if not caller.principal.is_admin:
        raise UserError(Problem("DM7011", "this needs the role admin"))
