"""The restricted grammar of policies: columns, literals, `user.attribute`, AND, OR, NOT, IN, IS NULL, comparisons, BETWEEN and LIKE. No functions."""

from __future__ import annotations

from app.model.expr import And, Attribute, Between, Binary, Column, Expr, In, IsNull, Like, Literal, Not, Or
from app.sql.expressions.parse import parse_expression
from app.sql.expressions.problems import check_sendable, refuse
from app.sql.expressions.spell.patterns import pattern as portable
from app.sql.expressions.walk import children, replace_leaves

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_VALUES = (Literal, Column, Attribute)
_USER = "user"


def parse_predicate(text: str) -> Expr:
    """A policy's condition; `user.region` becomes an Attribute, which is bound and never written into SQL.

    Raises UserError DM3101…DM3105 as `parse_expression`, DM3104 for a pattern that ends within an escape, DM3120 for what a policy may not use, and DM4002 for a
    character that no statement may hold.
    """
    check_sendable(text)

    def attribute(leaf: Expr) -> Expr:
        if isinstance(leaf, Column) and leaf.table.lower() == _USER:
            return Attribute(leaf.name)
        if isinstance(leaf, Column) and leaf.table:
            raise refuse(
                "DM3120",
                f"`{leaf.table}.{leaf.name}`: a policy reads columns of its own model",
                text=text,
                hint="`user.name` is an attribute",
            )
        return leaf

    predicate = replace_leaves(parse_expression(text, "postgres"), attribute)
    _check(predicate, text)
    return predicate


def _check(node: Expr, text: str) -> None:
    """Every node is one of the grammar's, and a condition stands where a condition must."""
    match node:
        case And() | Or() | Not():
            for child in children(node):
                _check(child, text)
        case Binary(op=op, left=left, right=right) if op in _COMPARISONS:
            _values(text, left, right)
        case In(arg=arg, options=options):
            _values(text, arg, *options)
        case Between(arg=arg, low=low, high=high):
            _values(text, arg, low, high)
        case Like(arg=arg, pattern=pattern):
            _values(text, arg, pattern)
            if isinstance(pattern, Literal) and isinstance(pattern.value, str):
                portable(pattern.value)
        case IsNull(arg=arg):
            _values(text, arg)
        case Column():
            pass
        case Literal(value=value) if isinstance(value, bool):
            pass
        case _:
            raise _refused(node, text)


def _values(text: str, *nodes: Expr) -> None:
    """Each is a column, a literal or an attribute."""
    for node in nodes:
        if not isinstance(node, _VALUES):
            raise _refused(node, text)


def _refused(node: Expr, text: str) -> Exception:
    """Not of the grammar."""
    what = str(node.__struct_config__.tag)
    hint = "columns, literals, user.attribute, AND, OR, NOT, IN, IS NULL, BETWEEN, LIKE and comparisons are"
    return refuse("DM3120", f"`{what}` is not allowed in a policy", text=text, hint=hint)
