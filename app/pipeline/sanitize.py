"""Stage 5: policy goes under every table reference; the text is regenerated, parsed and checked once more. What it reads is looked at for failed tests."""

from __future__ import annotations

from app.govern.govern import govern
from app.model.sql import GovernedSql
from app.pipeline.standing import stands_on
from app.pipeline.turn import StageDeps, Turn

_LONGEST_KEPT = 20_000
"""Longest text that is remembered, so that what is kept stays within some tens of megabytes."""


def sanitize(turn: Turn, deps: StageDeps) -> Turn:
    """Make the GovernedSql that alone may run. Raises UserError DM4xxx where anything in the statement is not known to be safe, DM3098 where failed tests or
    stale sources block the answer; those that do not are among the turn's problems.

    What was made of a metric query, or of a text that was checked, is remembered for people of the same rights, whose attributes that policies read are equal
    too: it is frozen, and depends on nothing else than the key holds. What was refused is looked at each time.
    """
    if turn.sql is None:
        raise TypeError("a turn that reaches stage 5 holds SQL")
    sql, served = turn.sql, turn.served

    def governed() -> GovernedSql:
        rights = served.access.of_sql() if sql.written else served.access
        return govern(sql, served.layer, turn.engine, rights, deps.limits, deps.mask_key)

    if turn.plan is None:
        # The text is the checked tree's own, written out: names are in full, and nothing of the statement is left out of it.
        written = (sql.text, sql.written, turn.engine, deps.limits, deps.mask_key)
        short = len(sql.text) <= _LONGEST_KEPT
        return stands_on(turn.with_(governed=served.governed(written, governed) if short else governed()), deps)
    key = ("governed", turn.query, turn.engine, turn.comments, deps.limits, deps.mask_key)
    return stands_on(turn.with_(governed=served.remembered(key, governed)), deps)
