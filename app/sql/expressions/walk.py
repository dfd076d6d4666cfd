"""Walking expression trees: children, search and rebuilding. Trees are shared, so every change makes a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.model.expr import (
    And,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Extract,
    Field,
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

_LEAVES = frozenset({Column, Literal, Field})


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct operands, in reading order."""
    if type(expr) in _LEAVES:
        return ()
    match expr:
        case Call(args=args) | And(args=args) | Or(args=args):
            return args
        case Binary(left=left, right=right):
            return (left, right)
        case Not(arg=arg) | Negate(arg=arg) | IsNull(arg=arg) | Cast(arg=arg) | Truncate(arg=arg) | Extract(arg=arg) | Shift(arg=arg):
            return (arg,)
        case In(arg=arg, options=options):
            return (arg, *options)
        case Between(arg=arg, low=low, high=high):
            return (arg, low, high)
        case Like(arg=arg, pattern=pattern):
            return (arg, pattern)
        case Case(whens=whens, otherwise=otherwise):
            flat = tuple(part for pair in whens for part in pair)
            return flat if otherwise is None else (*flat, otherwise)
        case _:
            return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all below it, in reading order."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def fields(expr: Expr | None) -> tuple[Field, ...]:
    """The semantic references in it, each once, in reading order."""
    if expr is None:
        return ()
    found = [node for node in walk(expr) if isinstance(node, Field)]
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def columns(expr: Expr | None) -> tuple[Column, ...]:
    """The columns in it, each once, in reading order."""
    if expr is None:
        return ()
    if isinstance(expr, Column):
        return (expr,)
    found = [node for node in walk(expr) if isinstance(node, Column)]
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def size(expr: Expr) -> int:
    """The number of nodes."""
    return sum(1 for _ in walk(expr))


def measure(expr: Expr) -> tuple[int, int]:
    """The levels of the tree and its nodes, counted wherever they stand; what is shared is looked at once, and nothing descends."""
    known: dict[int, tuple[int, int]] = {}
    stack = [expr]
    while stack:
        node = stack[-1]
        below = children(node)
        missing = [child for child in below if id(child) not in known]
        if missing:
            stack += missing
            continue
        levels, nodes = 0, 1
        for child in below:
            deep, many = known[id(child)]
            levels, nodes = max(levels, deep), nodes + many
        known[id(stack.pop())] = levels + 1, nodes
    return known[id(expr)]


def replace_leaves(expr: Expr, new: Callable[[Expr], Expr]) -> Expr:
    """The same tree with every node that has no operands given to `new`."""

    def go(node: Expr) -> Expr:
        match node:
            case Binary(op=op, left=left, right=right):
                return Binary(op, go(left), go(right))
            case Call(name=name, args=args, distinct=distinct) if args:
                return Call(name, tuple(go(arg) for arg in args), distinct)
            case And(args=args) if args:
                return And(tuple(go(arg) for arg in args))
            case Or(args=args) if args:
                return Or(tuple(go(arg) for arg in args))
            case Not(arg=arg):
                return Not(go(arg))
            case Negate(arg=arg):
                return Negate(go(arg))
            case In(arg=arg, options=options, negated=negated):
                return In(go(arg), tuple(go(option) for option in options), negated)
            case Between(arg=arg, low=low, high=high, negated=negated):
                return Between(go(arg), go(low), go(high), negated)
            case IsNull(arg=arg, negated=negated):
                return IsNull(go(arg), negated)
            case Like(arg=arg, pattern=pattern, negated=negated, ignore_case=ignore_case):
                return Like(go(arg), go(pattern), negated, ignore_case)
            case Case(whens=whens, otherwise=otherwise):
                done = tuple((go(when), go(then)) for when, then in whens)
                return Case(done, None if otherwise is None else go(otherwise))
            case Cast(arg=arg, type=kind, precision=precision, scale=scale):
                return Cast(go(arg), kind, precision, scale)
            case Truncate(arg=arg, grain=grain):
                return Truncate(go(arg), grain)
            case Extract(arg=arg, part=part):
                return Extract(go(arg), part)
            case Shift(arg=arg, count=count, grain=grain):
                return Shift(go(arg), count, grain)
            case _:
                return new(node)

    return go(expr)


def conjunction(*conditions: Expr | None) -> Expr | None:
    """All of the conditions that are there, flattened and each once; None where none is."""
    flat: dict[Expr, None] = {}
    for condition in conditions:
        if isinstance(condition, And):
            flat.update(dict.fromkeys(condition.args))
        elif condition is not None:
            flat[condition] = None
    if not flat:
        return None
    return next(iter(flat)) if len(flat) == 1 else And(tuple(flat))


def conjuncts(condition: Expr | None) -> tuple[Expr, ...]:
    """The conditions that must all hold, of none: none."""
    if condition is None:
        return ()
    return condition.args if isinstance(condition, And) else (condition,)


def key_parts(expr: Expr) -> tuple[Expr, ...]:
    """The columns of a composite key, or the one expression."""
    return expr.args if isinstance(expr, Call) and expr.name == "tuple" else (expr,)
