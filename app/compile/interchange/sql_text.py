"""Expressions as SQL that other tools execute, and that our own reader reads back to the same tree."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from app.errors import UserError
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
from app.model.types import DataType, DatePart
from app.sql.expressions.parse import parse_expression, parse_where
from app.sql.expressions.walk import replace_leaves
from app.sql.native_types import POSTGRES_NAMES

Leaf = Callable[[Column | Field], str]
"""How a column or a semantic reference is written."""

_CLICKHOUSE_TYPES = {DataType.INTEGER: "Int64", DataType.FLOAT: "Float64", DataType.TIMESTAMP: "DateTime64(6)", DataType.TEXT: "String"}
_KINDS = {"dimension": "Dimension", "time_dimension": "TimeDimension", "entity": "Entity", "metric": "Metric"}
_WEEKDAY = {DatePart.DOW: "isodow"}


class Unspeakable(ValueError):
    """The expression has no text that reads back as the same tree; the message says why."""


def column_name(leaf: Column | Field) -> str:
    """A column by its name, in quotes where it must be. Raises Unspeakable for a semantic reference."""
    if isinstance(leaf, Field):
        raise Unspeakable(f"`{leaf.name}` is a semantic reference")
    return ".".join(quoted(part) for part in (leaf.table, leaf.name) if part)


def quoted(name: str) -> str:
    """A name as SQL has it: in double quotes unless every dialect reads it plainly."""
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name[:1].isdigit() and name == name.lower()
    return name if plain and name not in _RESERVED else '"' + name.replace('"', '""') + '"'


def dbt_reference(leaf: Column | Field) -> str:
    """A semantic reference as dbt's filters write it: `{{ Dimension('order__status') }}`."""
    if isinstance(leaf, Column):
        return column_name(leaf)
    kind = leaf.kind if leaf.kind != "dimension" or not (leaf.grain or leaf.date_part) else "time_dimension"
    arguments = [_text(leaf.name)]
    if kind == "metric":
        arguments.append(f"group_by=[{', '.join(_text(name) for name in leaf.group_by)}]")
    if leaf.grain:
        arguments.append(_text(leaf.grain))
    if leaf.path:
        arguments.append(f"entity_path=[{', '.join(_text(name) for name in leaf.path)}]")
    if leaf.date_part:
        arguments.append(f"date_part_name={_text(leaf.date_part)}")
    return "{{ " + f"{_KINDS[kind]}({', '.join(arguments)})" + " }}"


def plain_reference(leaf: Column | Field) -> str:
    """A semantic reference by its plain name, `order__status`, for places in which dbt would take braces for its own. Raises Unspeakable for a metric."""
    if isinstance(leaf, Column):
        return column_name(leaf)
    if leaf.kind == "metric":
        raise Unspeakable(f"the metric `{leaf.name}` has no plain name in a filter")
    return "__".join(filter(None, (*leaf.path, leaf.name, leaf.grain, f"extract_{leaf.date_part}" if leaf.date_part else "")))


def segment_sql(condition: Expr, dialect: str) -> str:
    """The text of a segment's filter, in plain names. Raises Unspeakable where it would not be read as a filter of these names."""

    def named(leaf: Expr) -> Expr:
        if not isinstance(leaf, Field):
            return leaf
        kind = "time_dimension" if leaf.grain or leaf.date_part else "dimension"
        return replace(leaf, name="__".join((*leaf.path, leaf.name)), path=(), kind=kind)

    text = sql_of(condition, plain_reference, dialect)
    _check(replace_leaves(condition, named), lambda: parse_where(text, dialect), text)
    return text


def expression_sql(expr: Expr, dialect: str, leaf: Leaf = column_name) -> str:
    """The text of a measure's or dimension's expression, checked: reading it gives `expr` again. Raises Unspeakable where it does not."""
    text = sql_of(expr, leaf, dialect)
    _check(expr, lambda: parse_expression(text, dialect), text)
    return text


def filter_sql(condition: Expr, dialect: str) -> str:
    """The text of a dbt filter, checked as `expression_sql` is. Raises Unspeakable."""
    text = sql_of(condition, dbt_reference, dialect)
    _check(condition, lambda: parse_where(text, dialect), text)
    return text


def _check(expr: Expr, read: Callable[[], Expr], text: str) -> None:
    """Raises Unspeakable where the text is not read as the expression."""
    try:
        found: Expr | None = read()
    except UserError:
        found = None
    if found != expr:
        raise Unspeakable(f"`{text}` would not be read as what is meant")


def sql_of(expr: Expr, leaf: Leaf = column_name, dialect: str = "postgres", *, true_division: bool = False) -> str:
    """The text of an expression. With `true_division` a `/` is spelled so that no engine truncates it and division by zero gives NULL, as our own
    does; without, it is the bare sign that our reader takes for that. Raises Unspeakable for what SQL has no word for."""

    def go(node: Expr) -> str:
        return sql_of(node, leaf, dialect, true_division=true_division)

    def tight(node: Expr) -> str:
        text = go(node)
        return text if isinstance(node, _TIGHT) and not text.startswith("-") else f"({text})"

    match expr:
        case Column() | Field():
            return leaf(expr)
        case Literal():
            return _literal(expr)
        case Call(name="tuple", args=args):
            return f"({', '.join(map(go, args))})"
        case Call(name="date_diff", args=(Literal(value=grain), start, end)):
            return f"date_diff('{grain}', {go(start)}, {go(end)})"
        case Call(name="position", args=(text, part)) if dialect != "clickhouse":
            return f"strpos({go(text)}, {go(part)})"
        case Call(name=name, args=args):
            return f"{name}({', '.join(map(go, args))})"
        case Binary(op="/", left=left, right=Call(name="nullif", args=(_, Literal(value=0))) as right) if true_division:
            return f"1.0 * {tight(left)} / {go(right)}"
        case Binary(op="/", left=left, right=right) if true_division:
            return f"1.0 * {tight(left)} / nullif({go(right)}, 0)"
        case Binary(op=op, left=left, right=right):
            return f"{tight(left)} {op} {tight(right)}"
        case And(args=args):
            return " and ".join(map(tight, args)) if args else "true"
        case Or(args=args):
            return " or ".join(map(tight, args)) if args else "false"
        case Not(arg=arg):
            return f"not {tight(arg)}"
        case Negate(arg=arg):
            return f"-{tight(arg)}"
        case In(arg=arg, options=options, negated=negated):
            return f"{tight(arg)} {'not ' * negated}in ({', '.join(map(go, options))})"
        case Between(arg=arg, low=low, high=high, negated=negated):
            return f"{tight(arg)} {'not ' * negated}between {tight(low)} and {tight(high)}"
        case IsNull(arg=arg, negated=negated):
            return f"{tight(arg)} is {'not ' * negated}null"
        case Like(arg=arg, pattern=pattern, negated=negated, ignore_case=ignore_case):
            return f"{tight(arg)} {'not ' * negated}{'i' * ignore_case}like {tight(pattern)}"
        case Case(whens=whens, otherwise=otherwise):
            branches = " ".join(f"when {go(when)} then {go(then)}" for when, then in whens)
            return f"case {branches}{'' if otherwise is None else f' else {go(otherwise)}'} end"
        case Cast():
            return f"cast({go(expr.arg)} as {_type(expr, dialect)})"
        case Truncate(arg=arg, grain=grain):
            return f"date_trunc('{grain}', {go(arg)})"
        case Extract(arg=arg, part=part):
            return (
                f"extract({_WEEKDAY.get(part, part)} from {go(arg)})"
                if dialect != "clickhouse"
                else f"{_CLICKHOUSE_PARTS[part]}({go(arg)})"
            )
        case Shift(arg=arg, count=count, grain=grain):
            amount = f"interval '{abs(count)} {grain}'" if dialect != "clickhouse" else f"interval {abs(count)} {grain}"
            return f"{tight(arg)} {'-' if count < 0 else '+'} {amount}"
        case _:
            raise Unspeakable(f"`{type(expr).__name__.lower()}` has no meaning outside of DataMind")


def _literal(literal: Literal) -> str:
    """A constant."""
    match literal:
        case Literal(value=None):
            return "null"
        case Literal(value=bool(value)):
            return str(value).lower()
        case Literal(value=value, type=DataType.DATE):
            return f"date '{value}'"
        case Literal(value=value, type=DataType.TIMESTAMP):
            return f"timestamp '{value}'"
        case Literal(value=value, type=kind) if kind.is_numeric:
            return str(value)
        case _:
            return _text(str(literal.value))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _type(cast: Cast, dialect: str) -> str:
    """The name of the type that a conversion gives."""
    names = POSTGRES_NAMES | (_CLICKHOUSE_TYPES if dialect == "clickhouse" else {})
    if cast.type not in names:
        raise Unspeakable(f"there is no conversion to {cast.type}")
    if cast.type is DataType.DECIMAL and cast.precision is not None:
        return f"numeric({cast.precision}{'' if cast.scale is None else f', {cast.scale}'})"
    return names[cast.type]


_TIGHT = (Column, Field, Literal, Call, Cast, Truncate, Extract)
_CLICKHOUSE_PARTS = {
    DatePart.YEAR: "toYear",
    DatePart.QUARTER: "toQuarter",
    DatePart.MONTH: "toMonth",
    DatePart.DAY: "toDayOfMonth",
    DatePart.DOW: "toDayOfWeek",
    DatePart.DOY: "toDayOfYear",
}
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """all and any array as asc between both by case cast check collate column constraint create cross current_date current_time
        current_timestamp default desc distinct do else end except exists false fetch filter for foreign from full grant group having in inner
        interval into intersect is join lateral leading left like limit natural not null offset on only or order outer over primary references
        right row select session_user set similar some table then to trailing true union unique user using values when where window with""",
    )
)
"""Words that some dialect of ours reads as something else than a name."""
