"""A syntax tree to text, in the dialect of one engine."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Grammar
from sqlglot.errors import SqlglotError

from app.errors import Problem, UserError
from app.model.types import Dialect
from app.sql.tree import copy_tree


def render_sql(tree: exp.Expr, dialect: Dialect, pretty: bool = False, *, last: bool = False) -> str:
    """The statement as text, comments dropped; the tree is left as it is, unless this is the `last` use of it.

    Writing changes some nodes (the order inside `string_agg`, for one), so that a tree which is written twice must be copied.
    Raises UserError DM4004 where the statement is nested too deeply to be written out.
    """
    try:
        return Grammar.get_or_raise(dialect.value).generate(tree if last else copy_tree(tree), copy=False, comments=False, pretty=pretty)
    except (RecursionError, SqlglotError) as error:
        raise UserError(Problem("DM4004", "the SQL is nested too deeply", hint="split it into simpler parts")) from error
