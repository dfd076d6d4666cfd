"""The firewall over the project's own expressions, at compile time: what it would refuse in a query never gets into the layer.

The grammar of expressions knows no subquery and only the functions of the portable catalogue, so most of what a hostile project could write is
refused as it is read. Here the rest is spelled for each engine, and held against that engine's allow-lists.

How a node is spelled depends on the types of its parts as well, which may not be known here: it is spelled as of columns of no known type. That is enough
to refuse a project's names, texts and functions where they are written, because types choose among our own spellings and bring nothing of the project's
into the SQL; that all of those are allowed is tested, by every type. What is sent is held against the same lists once more (`app.govern.verify`).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from app.compile.expressions import Guard
from app.errors import DataMindError, Problem
from app.govern.firewall import inspect
from app.model.expr import Call, Cast, Column, Expr, Extract, Literal, Shift, Truncate
from app.model.types import DataType, Dialect
from app.sql.allowlist.functions import refused_call
from app.sql.expressions.infer import Types
from app.sql.expressions.spell import speller
from app.sql.expressions.walk import children, replace_leaves, walk
from app.sql.parse import tokenize
from app.sql.render import render_sql


def _unknown(_: Column) -> DataType:
    """What is known of a column's type before the models are."""
    return DataType.OTHER


def expression_guard(dialects: Iterable[Dialect]) -> Guard:
    """A guard for the engines of one compile. It remembers what kinds of nodes it has let through: what is left of a node without its kind is names
    and texts that are sent as they are, or parts that are looked at by themselves."""
    asked = tuple(dict.fromkeys(dialects))
    known: set[tuple[str, ...]] = set()

    def guard(expr: Expr) -> Problem | None:
        kinds = {_kind(node) for node in walk(expr)}
        if kinds <= known:
            return None
        for dialect in asked:
            problem = refused(expr, dialect)
            if problem is not None:
                return problem
        known.update(kind for kind in kinds if kind)
        return None

    return guard


def refused(expr: Expr, dialect: Dialect, types: Types = _unknown) -> Problem | None:
    """What the firewall says of the expression as an engine of the dialect would get it over columns of these types (DM40xx), or None where it lets it
    through. What the types themselves rule out is said too (DM31xx)."""
    try:
        spelled = speller(dialect, _column, types).spell(replace_leaves(expr, _plain))
        tree = inspect(exp.Select(expressions=[spelled]), dialect)
        if name := refused_call(tokenize(render_sql(tree, dialect), dialect), dialect):
            return Problem("DM4013", f"the function `{name}` is not allowed")
    except DataMindError as error:
        return error.problem
    return None


def _kind(node: Expr) -> tuple[str, ...]:
    """What decides how a node is spelled; () for a name or text that has to be looked at each time, which no memory holds."""
    tag = str(node.__struct_config__.tag)
    match node:
        case Call(name=name, args=args):
            return tag, name, str(min(len(args), 4)), *(str(a.value) for a in args if isinstance(a, Literal) and name == "date_diff")
        case Cast(type=kind, precision=precision, scale=scale):
            return tag, kind, str(precision), str(scale)
        case Truncate(grain=grain) | Shift(grain=grain):
            return tag, grain
        case Extract(part=part):
            return tag, part
        case Column(name=name, table=table):
            return (tag,) if _is_plain(name) and (not table or _is_plain(table)) else ()
        case Literal(value=value, type=kind):
            return (tag, kind) if not isinstance(value, str) or (value.isprintable() and "\\" not in value) else ()
        case _:
            return tag, str(len(children(node)) > 1)


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isidentifier() and len(name) <= 63


def _plain(leaf: Expr) -> Expr:
    """A semantic reference stands for a column; the rest stays."""
    return leaf if isinstance(leaf, Column | Literal) else Column("dimension")


def _column(column: Column) -> exp.Expr:
    return exp.Column(this=exp.Identifier(this=column.name, quoted=True))
