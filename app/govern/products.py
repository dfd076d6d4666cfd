"""Joins that multiply: what a FROM makes without any condition is bounded as the calls in it are, before an engine spends its time limit on it."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from sqlglot import exp

from app.govern.bounds import MAX_ROWS, call_name, integer, series_rows
from app.govern.problems import refuse
from app.model.types import Dialect

MAX_MADE = 1_000_000
"""Most rows that generators may make together where no condition links them."""
MAX_UNLINKED = 3
"""Most tables that may stand in one FROM without a condition between them; what CTEs and subqueries yield is not counted, since it may be a single row."""

_COMPARING = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.Between, exp.In, exp.Overlaps, exp.Like)


def check_product(node: exp.Expr, dialect: Dialect) -> None:
    """Refuse a SELECT whose FROM multiplies too much. Raises UserError DM4015.

    Each comparison of two columns in its WHERE is taken to link two relations, the largest first: what is refused multiplies whatever the condition means.
    """
    joins = node.args.get("joins") or ()
    if node.args.get("from_") is None or not joins:
        return
    free = [node.args["from_"].this, *(join.this for join in joins if not _is_linked(join))]
    if len(free) < 2:
        return
    links = _links(node.args.get("where"))
    sizes = sorted(size for source in free if (size := _made(source, dialect)) > 1)
    if prod(sizes[: max(len(sizes) - links, 1)]) > MAX_MADE:
        raise refuse("DM4015", f"joined without a condition, these series make more than {MAX_MADE:,} rows", node)
    if len(free) - links > MAX_UNLINKED and len([*_tables(free, node)]) - links > MAX_UNLINKED:
        what = f"more than {MAX_UNLINKED} tables are joined without a condition"
        raise refuse("DM4015", what, node, hint="say by which columns they belong together")


def counts_too_far(select: exp.Expr) -> bool:
    """Whether the recursive part of a query does nothing but count, by its condition, further than a series may."""
    numbers = [integer(one) or 0 for one in select.args["where"].find_all(exp.Literal)] if select.args.get("where") else []
    return not select.args.get("joins") and max(numbers, default=0) > MAX_ROWS


def _is_linked(join: exp.Expr) -> bool:
    condition = join.args.get("on")
    words = {str(join.args.get(part) or "").upper() for part in ("method", "kind")}
    return bool(join.args.get("using") or words & {"NATURAL", "ARRAY"} or (condition is not None and condition.find(exp.Column)))


def _links(where: exp.Expr | None) -> int:
    if where is None:
        return 0
    return sum(1 for one in where.find_all(*_COMPARING) if len([*one.find_all(exp.Column)]) > 1 or isinstance(one, exp.In))


def _tables(sources: list[exp.Expr], node: exp.Expr) -> Iterator[exp.Expr]:
    """The sources that are tables."""
    ctes = {cte.alias for cte in node.root().find_all(exp.CTE)}
    for source in sources:
        table = source.this if isinstance(source, exp.Final) else source
        if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier) and (table.args.get("db") or table.name not in ctes):
            yield table


def _made(source: exp.Expr, dialect: Dialect) -> int:
    """How many rows a generator makes, also as all that a subquery selects; 1 for what is no generator or not known."""
    if isinstance(source, exp.Subquery):
        inner = source.this
        start = inner.args.get("from_") if isinstance(inner, exp.Select) else None
        if start is None or any(inner.args.get(part) for part in ("joins", "where", "group", "having", "limit", "distinct")):
            return 1
        return 1 if any(one.find(exp.AggFunc) for one in inner.expressions) else _made(start.this, dialect)
    call = source.this if isinstance(source, exp.Table | exp.Lateral) else None
    if not isinstance(call, exp.Func):
        return 1
    if dialect is Dialect.CLICKHOUSE and call_name(call) == "numbers":
        return max(integer(call.expressions[-1]) or 1, 1) if call.expressions else 1
    return max(series_rows(call) or 1, 1)
