"""Whether every row that one filter lets through another does too, as far as their forms show."""

from __future__ import annotations

from app.model.expr import FALSE, TRUE, And, Attribute, Binary, Call, Column, Expr, In, Literal, Or
from app.sql.expressions.walk import children, walk

_GIVEN = "given"
"""The function that says of an attribute that somebody has it."""


def implies(less: Expr, more: Expr) -> bool:
    """Whether where `less` is true, `more` is. Both are in normal form. False says nothing: it may be so, and not be seen.

    Sound in three-valued logic, since only "is true" is carried on: of an AND each part is true where it is, of an OR one part is.
    """
    if less in {more, FALSE} or more == TRUE:
        return True
    if isinstance(less, Or):
        return all(implies(part, more) for part in less.args)
    if isinstance(more, And):
        return all(implies(less, part) for part in more.args)
    if isinstance(more, Or) and any(implies(less, part) for part in more.args):
        return True
    if isinstance(less, And):
        return any(implies(part, more) for part in less.args)
    return _among(less, more)


def _among(less: Expr, more: Expr) -> bool:
    """Whether fewer values of the same thing are let through: `x = 1` and `x in (1, 2)`."""
    if not isinstance(more, In) or more.negated:
        return False
    if isinstance(less, In):
        return not less.negated and less.arg == more.arg and set(less.options) <= set(more.options)
    if isinstance(less, Binary) and less.op == "=":
        return (less.left == more.arg and less.right in more.options) or (less.right == more.arg and less.left in more.options)
    return False


def with_needs(predicate: Expr) -> Expr:
    """The predicate of a policy with what it needs of the asker: a policy that reads an attribute which somebody lacks, or which is no value of the type
    that it is compared as, is false as a whole for them. Each need is a condition of its own, known by the attribute and by all that the predicate holds
    it against, which decides over its type."""
    attributes = dict.fromkeys(node for node in walk(predicate) if isinstance(node, Attribute))
    return And((predicate, *(_need(attribute, predicate) for attribute in attributes))) if attributes else predicate


def without_needs(condition: Expr) -> Expr:
    """The condition as people write it: without what `with_needs` added."""
    if not isinstance(condition, And | Or):
        return condition
    parts = tuple(without_needs(part) for part in condition.args if not (isinstance(part, Call) and part.name == _GIVEN))
    return parts[0] if len(parts) == 1 else type(condition)(parts)


def _need(attribute: Attribute, predicate: Expr) -> Expr:
    """That the asker has the attribute, and that it fits."""
    held = [operands for node in walk(predicate) if attribute in (operands := children(node))]
    against = {
        one if isinstance(one, Column) else Literal(None, one.type) for part in held for one in part if isinstance(one, Column | Literal)
    }
    return Call(_GIVEN, (attribute, *sorted(against, key=repr)))
