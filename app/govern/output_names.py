"""What PostgreSQL calls the unnamed columns of a SELECT, nearly (FigureColname of its parser).

On PostgreSQL `x.f` calls the function `f` on the row `x` where `x` has no column `f`. So every column of a derived relation has a name that we know, and a qualified
name that is none of them is refused: unnamed columns are given these names in the statement itself. One that PostgreSQL would have called otherwise is a
name that can't be found, and nothing worse.
"""

from __future__ import annotations

import re

from sqlglot import exp

NAMELESS = "?column?"
_WRAPPERS = (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Bracket, exp.Paren)
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")


def output_name(node: exp.Expr) -> str:
    """The name of a column of a SELECT that is neither a star nor a plain column or alias."""
    return _figured(node)[0]


def _figured(node: exp.Expr) -> tuple[str, bool]:
    """The name, and whether it is a strong one, which a cast or a CASE around it keeps."""
    if isinstance(node, exp.Alias | exp.Column):
        return node.alias_or_name, True
    if isinstance(node, _WRAPPERS):
        return _figured(node.this)
    if isinstance(node, exp.Cast):
        name, strong = _figured(node.this)
        return (name, True) if strong else (node.to.sql("postgres").lower(), False)
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        name, strong = _figured(default) if default is not None else ("", False)
        return (name, True) if strong else ("case", False)
    if isinstance(node, exp.Subquery):
        inner = node.this
        while isinstance(inner, exp.SetOperation | exp.Subquery):
            inner = inner.this
        return _figured(inner.expressions[0]) if isinstance(inner, exp.Select) and inner.expressions else (NAMELESS, False)
    if isinstance(node, exp.Exists):
        return "exists", True
    if isinstance(node, exp.Func) and not isinstance(node, exp.Binary):
        name = node.sql("postgres", comments=False).partition("(")[0].strip().lower()
        return (name, True) if _IDENTIFIER.fullmatch(name) else (NAMELESS, False)
    return NAMELESS, False
