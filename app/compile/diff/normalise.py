"""Expressions in a normal form: two that have the same one give the same values, on every engine.

Only what holds for all values of all types, NULL and NaN among them, is done (SQL's three-valued logic; IEEE 754 for floats):

- AND and OR are flattened, their operands sorted and each kept once.
- The operands of `+`, `*`, `=` and `<>` are sorted; sums of three are not regrouped, which floats would notice. `a > b` is `b < a`.
- `NOT` before a condition that has a negated form takes that form, as NOT (a = b) is a <> b; before `<` and its like it stays, since with NaN
  neither `a < b` nor `a >= b` need hold.
- The options of IN are sorted, each kept once; one alone is an equation. BETWEEN is the two comparisons that the standard defines it by.
- CASE without ELSE has ELSE NULL.

What a writer may also change without any effect (letter case of keywords, white space, redundant parentheses) is gone from the tree already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import overload

import msgspec
from msgspec.structs import replace

from app.model.expr import (
    And,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Expr,
    Extract,
    In,
    IsNull,
    Like,
    Literal,
    Negate,
    Not,
    Or,
    Shift,
    Truncate,
)

_COMMUTATIVE = frozenset({"+", "*", "=", "<>"})
_FLIPPED = {">": "<", ">=": "<="}
_OPPOSITE = {"=": "<>", "<>": "="}
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


def same_meaning(left: Expr | None, right: Expr | None) -> bool:
    """Whether both have one normal form. False says nothing: other forms may still mean the same."""
    return left == right or (left is not None and right is not None and normalised(left) == normalised(right))


@overload
def normalised(expr: Expr) -> Expr: ...


@overload
def normalised(expr: None) -> None: ...


@overload
def normalised(expr: Expr | None) -> Expr | None: ...


def normalised(expr: Expr | None) -> Expr | None:
    """The normal form; of None: None."""
    return None if expr is None else _normal(expr)


def _normal(expr: Expr) -> Expr:
    match expr:
        case And(args=args):
            return _joined(And, args)
        case Or(args=args):
            return _joined(Or, args)
        case Not(arg=arg):
            return _denied(normalised(arg))
        case Binary(op=op, left=left, right=right):
            return _binary(op, normalised(left), normalised(right))
        case Between(arg=arg, low=low, high=high, negated=negated):
            inner = normalised(arg)
            both = _joined(And, (Binary("<=", normalised(low), inner), Binary("<=", inner, normalised(high))))
            return Not(both) if negated else both
        case In(arg=arg, options=options, negated=negated):
            return _membership(normalised(arg), [normalised(option) for option in options], negated=negated)
        case Case(whens=whens, otherwise=otherwise):
            done = tuple((normalised(when), normalised(then)) for when, then in whens)
            otherwise = None if isinstance(otherwise, Literal) and otherwise.value is None else otherwise and normalised(otherwise)
            return Case(done, otherwise)
        case Call(args=args):
            return replace(expr, args=tuple(normalised(arg) for arg in args))
        case Like(arg=arg, pattern=pattern):
            return replace(expr, arg=normalised(arg), pattern=normalised(pattern))
        case Negate(arg=arg) | IsNull(arg=arg) | Cast(arg=arg) | Truncate(arg=arg) | Extract(arg=arg) | Shift(arg=arg):
            return replace(expr, arg=normalised(arg))
        case _:
            return expr


def _joined(kind: type[And] | type[Or], args: Iterable[Expr]) -> Expr:
    """AND or OR of all the operands, of nested ones too."""
    operands: list[Expr] = []
    for arg in args:
        done = normalised(arg)
        operands += done.args if isinstance(done, And | Or) and type(done) is kind else (done,)
    kept = sorted(dict.fromkeys(operands), key=_key)
    if len(kept) == 1 and _is_condition(kept[0]):
        return kept[0]
    if len(kept) == 1 and len(operands) > 1:
        return kind((kept[0], kept[0]))  # of 5 and 5 ClickHouse makes true, which 5 alone is not
    return kind(tuple(kept))


def _denied(arg: Expr) -> Expr:
    """NOT of a normal form."""
    match arg:
        case Not(arg=inner) if _is_condition(inner):
            return inner
        case In() | IsNull() | Like():
            return replace(arg, negated=not arg.negated)
        case Binary(op="=" | "<>" as op, left=left, right=right):
            return Binary(_OPPOSITE[op], left, right)
        case _:
            return Not(arg)


def _binary(op: str, left: Expr, right: Expr) -> Expr:
    if op in _FLIPPED:
        return Binary(_FLIPPED[op], right, left)
    if op in _COMMUTATIVE and _key(right) < _key(left):
        return Binary(op, right, left)
    return Binary(op, left, right)


def _membership(arg: Expr, options: list[Expr], *, negated: bool) -> Expr:
    kept = tuple(sorted(dict.fromkeys(options), key=_key))
    if len(kept) == 1:
        return _binary("<>" if negated else "=", arg, kept[0])
    return In(arg, kept, negated)


def _is_condition(expr: Expr) -> bool:
    """Whether it can be nothing but true, false or NULL, whatever its columns hold."""
    return isinstance(expr, And | Or | Not | In | Between | IsNull | Like) or (isinstance(expr, Binary) and expr.op in _COMPARISONS)


def _key(expr: Expr) -> bytes:
    """By what operands are sorted: their canonical form."""
    return msgspec.json.encode(expr, order="sorted")
