"""Stage 4: choose the engine, limit the rows, and render the plan into that engine's own SQL."""

from __future__ import annotations

from app.govern.limit import limit_rows
from app.model.physical import Placement
from app.model.sql import Sql
from app.pipeline.standing import blocked_on
from app.pipeline.turn import StageDeps, Turn
from app.plan.render import render
from app.route.choose import choose
from app.sql.render import render_sql
from app.sql.tree import copy_tree


def optimize(turn: Turn, deps: StageDeps) -> Turn:
    """Written SQL stays on the engine whose dialect it declares; a plan goes to the engine that routing prefers.

    One row more than the limit is asked for, so that truncation is known. Raises UserError DM3xxx or DM5001 where no engine can answer.
    """
    most = deps.limits.rows + 1
    if turn.sql is not None:
        tree = limit_rows(copy_tree(turn.sql.tree), most)
        sql = Sql(turn.sql.dialect, tree, render_sql(tree, turn.sql.dialect, pretty=True), turn.sql.written)
        return turn.with_(sql=sql, engine=turn.source, engine_reason="the SQL was written for it")
    if turn.plan is None:
        raise TypeError("a turn that reaches stage 4 holds a plan or SQL")
    layer = turn.served.layer
    capabilities = {name: engine.capabilities for name, engine in deps.engines.items()}
    route = choose(turn.plan, layer.placements, capabilities, deps.available(), turn.source, blocked_on(turn, turn.plan.models, deps))
    placement = layer.placement(route.engine) or Placement(route.engine)
    told = {metric.name: metric.description or metric.label for metric in turn.served.visible.metrics} if turn.comments else None
    plan, dialect = turn.plan, deps.engines[route.engine].dialect
    key = ("sql", turn.query, route.engine, most, turn.comments)
    sql = turn.served.remembered(key, lambda: render(plan, dialect, placement, limit=most, comments=told))
    return turn.with_(sql=sql, engine=route.engine, engine_reason=route.reason)
