"""User attributes in a row predicate become bound parameters, typed by the column that they are compared with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from app.errors import UserError
from app.model.expr import And, Attribute, Between, Binary, Column, Expr, In, Like, Literal, Not, Or, Parameter
from app.model.principal import Principal
from app.model.sql import BoundValue
from app.model.types import DataType
from app.sql.expressions.spell.patterns import pattern as portable
from app.sql.expressions.walk import children, replace_leaves, walk

PREFIX = "dm_u_"
"""Before an attribute's name in the name of its parameter, until a statement numbers its parameters."""

_PATTERN = f"{PREFIX}pattern_"
"""The same for one that is a pattern of LIKE: what is sent of it is not what is sent where it is compared."""

_TYPED = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT, DataType.BOOLEAN, DataType.DATE, DataType.TIMESTAMP})
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)


def bind_attributes(predicate: Expr, principal: Principal, types: Mapping[str, DataType]) -> tuple[Expr, tuple[BoundValue, ...]]:
    """The predicate with a Parameter in place of each Attribute, and the values of the parameters, sorted by name.

    An attribute takes the type of the column (`types`, by name) or literal that it is compared with, else it is text.
    Raises LookupError where the principal lacks an attribute, or its value is none of that type, or no pattern where it is one (it ends within an escape).
    """
    bound, parameters = with_parameters(predicate, types)
    values: dict[str, BoundValue] = {}
    for held, attribute in parameters.items():
        text = principal.attribute(attribute.name)
        read = _pattern if held.name.startswith(_PATTERN) else _value
        if text is None or (value := read(text, held.type)) is None:
            raise LookupError(attribute.name)
        values[held.name] = BoundValue(held.name, value, held.type)
    return bound, tuple(values[name] for name in sorted(values))


def with_parameters(predicate: Expr, types: Mapping[str, DataType]) -> tuple[Expr, Mapping[Parameter, Attribute]]:
    """The predicate with a Parameter in place of each Attribute, whoever is to look, and which Attribute each stands for."""
    stands_for: dict[Parameter, Attribute] = {}

    def patterns(node: Expr) -> Expr:
        match node:
            case And(args=args):
                return And(tuple(map(patterns, args)))
            case Or(args=args):
                return Or(tuple(map(patterns, args)))
            case Not(arg=arg):
                return Not(patterns(arg))
            case Like(arg=arg, pattern=Attribute() as attribute, negated=negated, ignore_case=ignore_case):
                held = Parameter(_PATTERN + _plain(attribute.name), DataType.TEXT)
                stands_for[held] = attribute
                return Like(arg, held, negated, ignore_case)
            case _:
                return node

    made = patterns(predicate)
    compared: dict[Attribute, Parameter] = {}
    for attribute in dict.fromkeys(node for node in walk(made) if isinstance(node, Attribute)):
        kind = _type(made, attribute, types)
        compared[attribute] = held = Parameter(f"{PREFIX}{kind.value}_{_plain(attribute.name)}", kind)
        stands_for[held] = attribute
    return replace_leaves(made, lambda leaf: compared[leaf] if isinstance(leaf, Attribute) else leaf), stands_for


def compared_columns(predicate: Expr) -> tuple[str, ...]:
    """The columns on whose types it depends how `bind_attributes` reads attributes, sorted; none where there are no attributes."""
    nodes = tuple(walk(predicate))
    return (
        tuple(sorted({node.name for node in nodes if isinstance(node, Column)}))
        if any(isinstance(node, Attribute) for node in nodes)
        else ()
    )


def _plain(name: str) -> str:
    """The name as a part of a parameter's."""
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)


def _type(predicate: Expr, attribute: Attribute, types: Mapping[str, DataType]) -> DataType:
    """What the attribute is compared with. Where comparisons disagree it stays text, which no engine takes for a number by itself."""
    kinds: set[DataType] = set()
    for node in walk(predicate):
        if isinstance(node, Binary | In | Between) and attribute in (operands := children(node)):
            kinds.update(types.get(one.name, DataType.OTHER) for one in operands if isinstance(one, Column))
            kinds.update(one.type for one in operands if isinstance(one, Literal))
    return kinds.pop() if len(kinds) == 1 and kinds <= _TYPED else DataType.TEXT


def _value(text: str, kind: DataType) -> str | int | bool | None:
    """The attribute's text as a value of the type, or None where it is none. Numbers and dates stay text, so that no digit is lost."""
    if kind is DataType.INTEGER:
        return int(text) if _INTEGER.fullmatch(text) else None
    if kind in (DataType.DECIMAL, DataType.FLOAT):
        return text if _NUMBER.fullmatch(text) else None
    if kind is DataType.BOOLEAN:
        return {"true": True, "false": False}.get(text.lower())
    if kind.is_temporal:
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment.date().isoformat() if kind is DataType.DATE else moment.replace(tzinfo=None).isoformat(sep=" ")
    return None if "\x00" in text else text


def _pattern(text: str, _kind: DataType) -> str | None:
    """The attribute's text as a pattern that engines read alike, or None where it is none: an engine would fail on it for some rows."""
    try:
        return None if "\x00" in text else portable(text)
    except UserError:
        return None
