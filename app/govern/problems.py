"""The problems that governance raises: each says what the caller wrote and what to do, and nothing of what the caller may not know."""

from __future__ import annotations

from sqlglot import exp

from app.errors import Problem, UserError, Where


def refuse(code: str, message: str, node: exp.Expr | None = None, hint: str = "") -> UserError:
    """A refusal, with the place of `node` where the parser noted one."""
    return UserError(Problem(code, message, where=where(node), hint=hint))


def where(node: exp.Expr | None) -> Where | None:
    """The line and column at which the first identifier of `node` stands, or None."""
    if node is None:
        return None
    for part in (node, *node.find_all(exp.Identifier)):
        meta = part.meta
        if "line" in meta:
            return Where(line=int(meta["line"]), column=max(int(meta["col"]) - (int(meta["end"]) - int(meta["start"])), 1))
    return None
