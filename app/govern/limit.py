"""The outermost row limit."""

from __future__ import annotations

from sqlglot import exp

from app.govern.bounds import integer


def limit_rows(tree: exp.Expression, most: int) -> exp.Expression:
    """The query with an outermost LIMIT of at most `most` rows; a smaller one of its own stays. The tree is the caller's own and may be changed."""
    limit = tree.args.get("limit")
    if isinstance(tree, exp.Values):
        return _around(tree, most)
    if limit is None:
        tree.set("limit", exp.Limit(expression=exp.Literal.number(most)))
        return tree
    options = limit.args.get("limit_options")
    if limit.args.get("expressions") or (options is not None and options.args.get("with_ties")):
        # LIMIT n BY and WITH TIES bound groups, not rows.
        return _around(tree, most)
    count = integer(limit.args.get("count" if isinstance(limit, exp.Fetch) else "expression"))
    if count is None or count > most:
        tree.set("limit", exp.Limit(expression=exp.Literal.number(most)))
    return tree


def _around(tree: exp.Expression, most: int) -> exp.Expression:
    alias = exp.TableAlias(this=exp.Identifier(this="dm_q", quoted=True))
    inner = exp.Subquery(this=tree, alias=alias)
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=inner), limit=exp.Limit(expression=exp.Literal.number(most)))
