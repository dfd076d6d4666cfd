"""How each engine spells what governance puts under a table: names, literals, predicates and masks. Nothing is transpiled.

Bound parameters stand in the text as a mark (`\\ue000name\\ue001`), which no statement can hold, until the whole text is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from app.errors import InternalError, Problem
from app.model.expr import And, Between, Binary, Case, Cast, Column, Expr, In, IsNull, Like, Literal, Negate, Not, Or, Parameter
from app.model.policy import Mask, MaskKind
from app.model.types import DataType, Dialect

TABLE = '"dm_t"'
"""The alias under which governance reads a table: qualified columns never meet an alias of the SELECT list (ClickHouse prefers those)."""

_OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">=", "+", "-", "*"})
_CASTS = {
    Dialect.POSTGRES: {
        DataType.TEXT: "text",
        DataType.INTEGER: "bigint",
        DataType.DECIMAL: "numeric",
        DataType.FLOAT: "double precision",
        DataType.BOOLEAN: "boolean",
        DataType.DATE: "date",
        DataType.TIMESTAMP: "timestamp",
    },
    Dialect.CLICKHOUSE: {
        DataType.TEXT: "String",
        DataType.INTEGER: "Int64",
        DataType.DECIMAL: "Decimal(38, 9)",
        DataType.FLOAT: "Float64",
        DataType.BOOLEAN: "Bool",
        DataType.DATE: "Date32",
        DataType.TIMESTAMP: "DateTime64(6)",
    },
}


def quote_name(name: str) -> str:
    """A quoted identifier. Raises InternalError DM4091 where the name holds what no engine quotes alike."""
    if not name or any(c in '"`\\' or ord(c) < 32 or c in "\ue000\ue001" for c in name):
        raise unspellable("a name of the layer")
    return f'"{name}"'


def quote_text(text: str, dialect: Dialect) -> str:
    """A text literal. Raises InternalError DM4091 where it holds a character that no text of an engine may."""
    if "\x00" in text or "\ue000" in text or "\ue001" in text:
        raise unspellable("a text of a policy")
    if dialect is Dialect.CLICKHOUSE:
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def mark(name: str) -> str:
    """The mark of a bound parameter."""
    return f"\ue000{name}\ue001"


def parameter(name: str, kind: DataType, dialect: Dialect) -> str:
    """A bound parameter of a type that the engine need not guess."""
    types = _CASTS[dialect]
    if kind not in types:
        kind = DataType.TEXT
    if dialect is Dialect.POSTGRES:
        return f"CAST({mark(name)} AS {types[kind]})"
    return "{" + mark(name) + ":" + types[kind] + "}"


def spell_predicate(expr: Expr, dialect: Dialect, rename: Callable[[str], str]) -> str:
    """A row predicate as text, columns qualified by the table's alias, parameters renamed. Raises InternalError DM4091 for a node that no predicate has."""

    def go(node: Expr) -> str:
        match node:
            case Literal(value=value, type=kind):
                return _literal(value, kind, dialect)
            case Column(name=name):
                return f"{TABLE}.{quote_name(name)}"
            case Parameter(name=name, type=kind):
                return parameter(rename(name), kind, dialect)
            case And(args=args):
                return "(" + " AND ".join(map(go, args)) + ")" if args else _boolean(True, dialect)
            case Or(args=args):
                return "(" + " OR ".join(map(go, args)) + ")" if args else _boolean(False, dialect)
            case Not(arg=arg):
                return f"(NOT {go(arg)})"
            case Negate(arg=arg):
                return f"(- {go(arg)})"
            case Binary(op=op, left=left, right=right) if op in _OPERATORS:
                return f"({go(left)} {op} {go(right)})"
            case In(arg=arg, options=options, negated=negated):
                return (
                    f"({go(arg)} {'NOT ' if negated else ''}IN ({', '.join(map(go, options))}))" if options else _boolean(negated, dialect)
                )
            case Between(arg=arg, low=low, high=high, negated=negated):
                return f"({go(arg)} {'NOT ' if negated else ''}BETWEEN {go(low)} AND {go(high)})"
            case IsNull(arg=arg, negated=negated):
                return f"({go(arg)} IS {'NOT ' if negated else ''}NULL)"
            case Like(arg=arg, pattern=pattern, negated=negated, ignore_case=ignore_case):
                return f"({go(arg)} {'NOT ' if negated else ''}{'ILIKE' if ignore_case else 'LIKE'} {go(pattern)})"
            case Case(whens=whens, otherwise=otherwise):
                middle = " ".join(f"WHEN {go(when)} THEN {go(then)}" for when, then in whens)
                return f"(CASE {middle} ELSE {'NULL' if otherwise is None else go(otherwise)} END)"
            case Cast(arg=arg, type=kind) if kind in _CASTS[dialect]:
                return f"CAST({go(arg)} AS {_CASTS[dialect][kind]})"
            case _:
                raise unspellable("a row policy")

    return go(expr)


def spell_mask(mask: Mask, column: str, dialect: Dialect, key: Callable[[], str]) -> str:
    """What stands in place of a column: text for every kind but `null`, which keeps the column's own type. `key` gives the bound
    mask key, and is called for `hash` alone.
    """
    raw = f"{TABLE}.{quote_name(column)}"
    shown = quote_text(mask.replacement, dialect)
    clickhouse = dialect is Dialect.CLICKHOUSE
    text = f"toString({raw})" if clickhouse else f"CAST({raw} AS text)"
    match mask.kind:
        case MaskKind.NULL:
            # A branch that is never taken: the engine derives the column's type from it, so that dates stay dates in the query around.
            return f"CASE WHEN {_boolean(False, dialect)} THEN {raw} ELSE NULL END"
        case MaskKind.FIXED:
            return shown if clickhouse else f"CAST({shown} AS text)"
        case MaskKind.REDACT:
            pattern, replacement = quote_text(mask.pattern, dialect), quote_text(mask.replacement.replace("\\", "\\\\"), dialect)
            return (
                f"replaceRegexpAll({text}, {pattern}, {replacement})"
                if clickhouse
                else f"regexp_replace({text}, {pattern}, {replacement}, 'g')"
            )
        case MaskKind.PARTIAL:
            return _partial(text, shown, max(mask.prefix, 0), max(mask.suffix, 0), clickhouse)
        case MaskKind.HASH:
            secret = key()
            if clickhouse:
                return f"lower(hex(SHA256(concat({secret}, SHA256(concat({secret}, {text}))))))"
            return f"encode(sha256(convert_to({secret}, 'UTF8') || sha256(convert_to({secret} || {text}, 'UTF8'))), 'hex')"
        case _:  # pragma: no cover - the type checker proves that there is no other kind
            assert_never(mask.kind)


def unspellable(what: str) -> InternalError:
    """Something of a policy or of the layer that cannot be written safely: nothing is run."""
    return InternalError(Problem("DM4091", f"{what} cannot be written as SQL", hint="an administrator must look at the policies"))


def _partial(text: str, shown: str, prefix: int, suffix: int, clickhouse: bool) -> str:
    left, right, length = ("leftUTF8", "rightUTF8", "lengthUTF8") if clickhouse else ("left", "right", "length")
    parts = [part for part, used in ((f"{left}({text}, {prefix})", prefix), (shown, 1), (f"{right}({text}, {suffix})", suffix)) if used]
    joined = f"concat({', '.join(parts)})" if clickhouse and len(parts) > 1 else " || ".join(parts)
    # A value no longer than what would be shown of it is not shown at all.
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN {length}({text}) > {prefix + suffix} THEN {joined} ELSE {shown} END"


def _boolean(value: bool, dialect: Dialect) -> str:
    if dialect is Dialect.CLICKHOUSE:
        return "1" if value else "0"
    return "TRUE" if value else "FALSE"


def _literal(value: str | int | bool | None, kind: DataType, dialect: Dialect) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return _boolean(value, dialect)
    if isinstance(value, int):
        return f"({value})" if value < 0 else str(value)
    quoted = quote_text(value, dialect)
    if kind in (DataType.DECIMAL, DataType.FLOAT, DataType.DATE, DataType.TIMESTAMP, DataType.INTEGER):
        return f"CAST({quoted} AS {_CASTS[dialect][kind]})"
    return quoted
