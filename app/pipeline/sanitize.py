"""Stage 5: policy goes under every table reference; the text is regenerated, parsed and checked once more."""

from __future__ import annotations

from app.govern.govern import govern
from app.model.sql import GovernedSql
from app.pipeline.turn import StageDeps, Turn


def sanitize(turn: Turn, deps: StageDeps) -> Turn:
    """Make the GovernedSql that alone may run. Raises UserError DM4xxx where anything in the statement is not known to be safe.

    What was made of a metric query is remembered for people of the same rights, whose attributes that policies read are equal too: it is frozen,
    and depends on nothing else than the key holds. Written SQL is governed each time.
    """
    if turn.sql is None:
        raise TypeError("a turn that reaches stage 5 holds SQL")
    sql, served = turn.sql, turn.served

    def governed() -> GovernedSql:
        return govern(sql, served.layer, turn.engine, served.access, deps.limits, deps.mask_key)

    if turn.plan is None:
        return turn.with_(governed=governed())
    key = ("governed", turn.query, turn.engine, turn.comments, deps.limits, deps.mask_key)
    return turn.with_(governed=served.remembered(key, governed))
