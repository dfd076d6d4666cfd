"""Stage 2: a SemanticQuery becomes an engine-free logical plan; written SQL becomes a tree of the dialect it declares."""

from __future__ import annotations

from app.errors import Problem, Severity
from app.govern.small_groups import guard_sizes
from app.model.plan import LogicalPlan
from app.model.sql import Sql
from app.pipeline.engines import engine_named
from app.pipeline.turn import StageDeps, Turn
from app.plan.build import build
from app.sql.parse import parse_statement


def generate(turn: Turn, deps: StageDeps) -> Turn:
    """Plan the query over what the asker may see, without the groups that are too small for them.

    Raises UserError DM3xxx (names, joins, types) or DM4xxx (SQL that does not parse, single values of a protected column).
    """
    if turn.written_sql:
        dialect = engine_named(deps, turn.source).dialect
        tree = parse_statement(turn.written_sql, dialect)
        return turn.with_(sql=Sql(dialect, tree, turn.written_sql, written=True))
    if turn.query is None:
        raise TypeError("a turn that reaches stage 2 holds a query or SQL")
    query, served = turn.query, turn.served

    def planned() -> tuple[LogicalPlan, int]:
        return guard_sizes(build(query, served.visible, served.joins), query, served.visible, served.access)

    plan, least = served.remembered(("plan", query), planned)
    told = (Problem("DM4027", f"groups of fewer than {least} rows are left out", Severity.NOTE),) if least else ()
    return turn.with_(plan=plan, problems=(*turn.problems, *told))
