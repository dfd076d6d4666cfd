"""Trees that come from outside as trees: held to what the parsers would have made of a text, so that no room below meets anything else."""

from __future__ import annotations

import re

from app.model.expr import Attribute, Binary, Call, Case, Cast, Expr, Field, In, Literal, Parameter, Shift
from app.model.types import DataType, Grain
from app.sql.expressions.functions import CATALOGUE
from app.sql.expressions.problems import check_sendable, refuse
from app.sql.expressions.values import MOST_SHIFT, temporal
from app.sql.expressions.walk import children

MOST_DEPTH = 100
"""Deepest nesting that is read."""
MOST_NODES = 20_000
"""Most nodes that are read, constants of a list included."""

_OPERATORS = frozenset({"+", "-", "*", "/", "%", "||", "=", "<>", "<", "<=", ">", ">="})
_FIELDS = frozenset({"", "dimension", "time_dimension", "entity", "metric"})
_CASTS = frozenset({DataType.TEXT, DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT, DataType.BOOLEAN, DataType.DATE, DataType.TIMESTAMP})
_NUMBER = re.compile(r"-?\d{1,100}(\.\d{0,100})?([eE][+-]?\d{1,3})?", re.ASCII)


def check_sent(expr: Expr) -> None:
    """Pass a tree that a parser could have made. Raises UserError: DM3101 it is too deep or too large, DM3102 a node that no text makes,
    DM3103 a function that is not known, DM3104 wrong arguments, DM3105 a wrong type or a constant that is no value of its type, DM4002 a text
    with a character that no statement may hold."""
    seen = 0
    waiting = [(expr, 1)]
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > MOST_DEPTH:
            raise refuse("DM3101", "the expression is nested too deep")
        if seen > MOST_NODES:
            raise refuse("DM3101", f"the expression has more than {MOST_NODES} parts")
        _check(node)
        waiting.extend((child, depth + 1) for child in children(node))


def _check(node: Expr) -> None:
    """The rules that single kinds of node have."""
    match node:
        case Attribute() | Parameter():
            raise refuse("DM3102", "attributes and parameters belong to policies, not to queries")
        case Binary(op=op) if op not in _OPERATORS:
            raise refuse("DM3102", "the operator is not one that an expression may have")
        case Field(kind=kind) if kind not in _FIELDS:
            raise refuse("DM3102", "the reference is neither a dimension, a time dimension, an entity nor a metric")
        case In(options=()) | Case(whens=()):
            raise refuse("DM3104", "a list or CASE is empty")
        case Shift(count=count) if abs(count) > MOST_SHIFT:
            raise refuse("DM3104", f"a time is moved by at most {MOST_SHIFT} periods")
        case Call():
            _call(node)
        case Cast(type=kind, precision=precision, scale=scale):
            sizes = [size for size in (precision, scale) if size is not None]
            fits = not sizes or (
                kind is DataType.DECIMAL and precision is not None and 1 <= precision <= 38 and 0 <= (scale or 0) <= precision
            )
            if kind not in _CASTS or not fits:
                raise refuse("DM3105", "an expression cannot convert to this type")
        case Literal() if not _is_value(node):
            raise refuse("DM3105", f"a constant is no value of its type, {node.type}")
        case Literal(value=str(value)):
            check_sendable(value)
        case _:
            pass


def _call(node: Call) -> None:
    """A function of the catalogue, with as many arguments as it takes."""
    function = CATALOGUE.get(node.name)
    if function is None or node.name == "tuple":
        raise refuse("DM3103", "the function is not known here")
    if node.distinct:
        raise refuse("DM3102", "DISTINCT can't stand in an expression")
    count = len(node.args)
    if count < function.least or (function.most is not None and count > function.most):
        raise refuse("DM3104", f"`{node.name}` does not take {count} arguments")
    if node.name == "date_diff" and not (isinstance(node.args[0], Literal) and node.args[0].value in {grain.value for grain in Grain}):
        raise refuse("DM3104", "`date_diff` takes a grain first")


def _is_value(node: Literal) -> bool:
    """Whether the constant is a value of its type, as the parsers hold it."""
    value, kind = node.value, node.type
    if value is None:
        return True
    match kind:
        case DataType.TEXT:
            return isinstance(value, str)
        case DataType.BOOLEAN:
            return isinstance(value, bool)
        case DataType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**100
        case DataType.DECIMAL | DataType.FLOAT:
            return isinstance(value, str) and _NUMBER.fullmatch(value) is not None
        case DataType.DATE | DataType.TIMESTAMP:
            return isinstance(value, str) and temporal(value, kind) == node
        case _:
            return False
