"""Stage 3: names are resolved against what this caller may ask; everything else is refused."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.govern.check import SqlScope, check_sql
from app.govern.masked import check_masked
from app.pipeline.turn import StageDeps, Turn
from app.plan.written import written


def validate(turn: Turn, _deps: StageDeps) -> Turn:
    """Written SQL goes through the firewall, which qualifies its names. A plan was made of visible names only; that each of its models may be read
    is checked once more, and that no number of it stands on masked values. Raises UserError DM4xxx."""
    served = turn.served
    if turn.sql is not None:
        return turn.with_(sql=check_sql(turn.sql, SqlScope(served.layer, turn.source, served.access.of_sql())))
    for model in turn.plan.models if turn.plan else ():
        if not served.access.of(model).queryable:
            raise UserError(Problem("DM4020", "the query reads data that you may not read", hint="ask an admin for access"))
    plan, query = turn.plan, turn.query
    if plan is not None and query is not None:

        def checked() -> bool:
            check_masked(written(query, served.visible, served.joins), plan, served.visible, served.access)
            return True

        served.remembered(("unmasked", query), checked)
    return turn
