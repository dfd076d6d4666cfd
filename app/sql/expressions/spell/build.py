"""Small builders of sqlglot nodes: parentheses only where they are needed, functions by the name that we give."""

from __future__ import annotations

import re
from functools import reduce

from sqlglot import exp

from app.sql.expressions.spell.reserved import RESERVED

_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _ATOM = range(7)
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def name(text: str) -> exp.Identifier:
    """An identifier, quoted only where it must be."""
    return exp.Identifier(this=text, quoted=not _PLAIN.match(text) or text in RESERVED)


def column(text: str, table: str = "") -> exp.Column:
    """`table.text`."""
    return exp.Column(this=name(text), table=name(table)) if table else exp.Column(this=name(text))


def call(function: str, *args: exp.Expr) -> exp.Anonymous:
    """A function, spelled as given."""
    return exp.Anonymous(this=function, expressions=list(args))


def text(value: str) -> exp.Literal:
    """A text constant."""
    return exp.Literal(this=value, is_string=True)


def digits(value: str | int) -> exp.Expr:
    """A numeric constant as written; a negative one as unary minus, the way it is read back."""
    written = str(value)
    if written.startswith("-"):
        return exp.Neg(this=exp.Literal(this=written[1:], is_string=False))
    return exp.Literal(this=written, is_string=False)


def cast(arg: exp.Expr, native: str) -> exp.Cast:
    """`CAST(arg AS native)`, with a type that sqlglot knows."""
    return exp.Cast(this=arg, to=_TYPES[native].copy() if native in _TYPES else exp.DataType.build(native))


_TYPES = {
    t: exp.DataType.build(t)
    for t in ("double precision", "date", "timestamp", "text", "timestamptz", "numeric", "bigint", "int", "boolean")
}


def level(node: exp.Expr) -> int:
    """How tightly a node binds."""
    match node:
        case exp.Or():
            return _OR
        case exp.And():
            return _AND
        case exp.Not():
            return _NOT
        case exp.Predicate() | exp.In() | exp.Between() | exp.Is():
            return _TEST
        case exp.Add() | exp.Sub() | exp.DPipe():
            return _SUM
        case exp.Mul() | exp.Div() | exp.Mod():
            return _PRODUCT
        case _:
            return _ATOM


def within(node: exp.Expr, least: int) -> exp.Expr:
    """The node, in parentheses where it binds less tightly than `least`."""
    return exp.Paren(this=node) if level(node) < least else node


def all_of(parts: list[exp.Expr]) -> exp.Expr:
    """`a AND b AND c`."""
    if len(parts) == 1:
        return parts[0]
    return reduce(lambda left, right: exp.And(this=left, expression=right), [within(p, _NOT) for p in parts])


def any_of(parts: list[exp.Expr]) -> exp.Expr:
    """`a OR b OR c`."""
    return reduce(lambda left, right: exp.Or(this=left, expression=right), [within(p, _NOT) for p in parts])


def negation(node: exp.Expr) -> exp.Not:
    """`NOT node`."""
    return exp.Not(this=within(node, _ATOM if isinstance(node, exp.Not) else _TEST))


def operation(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr, **args: object) -> exp.Binary:
    """Arithmetic or comparison, in parentheses where precedence asks: comparisons don't chain, the right side of `-` and `/` is closed."""
    probe = kind()
    mine = level(probe)
    if mine == _TEST:
        return kind(this=within(left, _SUM), expression=within(right, _SUM), **args)
    closed = mine if kind in (exp.Add, exp.Mul) and type(right) is kind else mine + 1
    joined = isinstance(left, exp.DPipe) != (kind is exp.DPipe)
    return kind(this=within(left, _ATOM if joined and level(left) == _SUM else mine), expression=within(right, closed), **args)


ATOM, TEST, SUM = _ATOM, _TEST, _SUM
