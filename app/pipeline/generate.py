"""Stage 2: a SemanticQuery becomes an engine-free logical plan; written SQL becomes a tree of the dialect it declares."""

from __future__ import annotations

from app.model.sql import Sql
from app.pipeline.engines import engine_named
from app.pipeline.turn import StageDeps, Turn
from app.plan.build import build
from app.sql.parse import parse_statement


def generate(turn: Turn, deps: StageDeps) -> Turn:
    """Plan the query over what the asker may see. Raises UserError DM3xxx (names, joins, types) or DM4xxx (SQL that does not parse)."""
    if turn.written_sql:
        dialect = engine_named(deps, turn.source).dialect
        tree = parse_statement(turn.written_sql, dialect)
        return turn.with_(sql=Sql(dialect, tree, turn.written_sql, written=True))
    if turn.query is None:
        raise TypeError("a turn that reaches stage 2 holds a query or SQL")
    query, served = turn.query, turn.served
    return turn.with_(plan=served.remembered(("plan", query), lambda: build(query, served.visible, served.joins)))
