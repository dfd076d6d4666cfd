"""How each engine spells what governance puts under a table: names, literals, predicates and masks. Nothing is transpiled.

Bound parameters stand in the text as a mark (`\\ue000name\\ue001`), which no statement can hold, until the whole text is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import assert_never

from sqlglot import exp

from app.errors import InternalError, Problem
from app.govern.buckets import bucket
from app.govern.redactions import for_re2, redact_classes
from app.model.expr import Cast, Column, Expr, Parameter, Truncate
from app.model.policy import Mask, MaskKind
from app.model.types import DataType, Dialect, Grain
from app.sql.expressions.spell import speller
from app.sql.expressions.text import expression_text
from app.sql.expressions.walk import replace_leaves, walk
from app.sql.native_types import POSTGRES_NAMES
from app.sql.render import render_sql
from app.sql.unsendable import unsendable

TABLE = '"dm_t"'
"""The alias under which governance reads a table: qualified columns never meet an alias of the SELECT list (ClickHouse prefers those)."""

KEY = "dm_k"
"""The name of the mask key among a statement's bound values, until they are numbered."""

_PARAMETER = "\ue000"
"""The table of a column that stands for a bound parameter."""

_MARK = re.compile("\ue000(\\w+)\ue001")

_CLICKHOUSE_NAMES = {
    DataType.TEXT: "String",
    DataType.INTEGER: "Int64",
    DataType.DECIMAL: "Decimal(38, 9)",
    DataType.FLOAT: "Float64",
    DataType.BOOLEAN: "Bool",
    DataType.DATE: "Date32",
    DataType.TIMESTAMP: "DateTime64(6)",
}


def quote_name(name: str) -> str:
    """A quoted identifier. Raises InternalError DM4091 where the name holds what no engine quotes alike."""
    if not name or any(c in '"`\\' or ord(c) < 32 or c in "\ue000\ue001" for c in name):
        raise unspellable("a name of the layer")
    return f'"{name}"'


def quote_text(text: str, dialect: Dialect) -> str:
    """A text literal. Raises InternalError DM4091 where it holds a character that no text of an engine may."""
    if unsendable(text) >= 0:
        raise unspellable("a text of a policy")
    if dialect is Dialect.CLICKHOUSE:
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def mark(name: str) -> str:
    """The mark of a bound parameter."""
    return f"\ue000{name}\ue001"


def name_parameters(text: str, rename: Callable[[str], str]) -> str:
    """The text with every mark under the name that `rename` gives it, from left to right."""
    return _MARK.sub(lambda found: mark(rename(found[1])), text)


def parameter(name: str, kind: DataType, dialect: Dialect) -> str:
    """A bound parameter of a type that the engine need not guess."""
    if dialect is Dialect.POSTGRES:
        return f"CAST({mark(name)} AS {POSTGRES_NAMES[kind]})"
    return "{" + mark(name) + ":" + _CLICKHOUSE_NAMES[kind] + "}"


def parameter_text(name: str) -> str:
    """How a Problem of `spell_predicate` names a parameter."""
    return expression_text(Column(name, _PARAMETER))


def spell_predicate(expr: Expr, dialect: Dialect, types: Mapping[str, DataType]) -> str:
    """A row predicate as text, columns (of the given types) qualified by the table's alias, parameters marked by their own names.

    Raises InternalError DM9301 for what no predicate holds.
    """
    parameters = {node.name: node.type for node in walk(expr) if isinstance(node, Parameter)}

    def leaf(column: Column) -> exp.Expr:
        if column.table == _PARAMETER:
            return exp.Var(this=parameter(column.name, parameters[column.name], dialect))
        return exp.Var(this=f"{TABLE}.{quote_name(column.name)}")

    def type_of(column: Column) -> DataType:
        return (parameters if column.table == _PARAMETER else types).get(column.name, DataType.OTHER)

    given = replace_leaves(expr, lambda node: Column(node.name, _PARAMETER) if isinstance(node, Parameter) else node)
    return render_sql(speller(dialect, leaf, type_of).spell(given), dialect)


def spell_mask(mask: Mask, column: str, kind: DataType, dialect: Dialect) -> str:
    """What stands in place of a column of that type: text for every kind but `null` and `truncate`, which keep the column's own type, and `bucket`, which gives
    whole numbers for whole numbers in a whole width, else decimals. `hash` alone holds the mark of the mask key.
    """
    raw = f"{TABLE}.{quote_name(column)}"
    shown = quote_text(mask.replacement, dialect)
    clickhouse = dialect is Dialect.CLICKHOUSE
    text = f"toString({raw})" if clickhouse else f"CAST({raw} AS text)"
    match mask.kind:
        case MaskKind.NULL:
            # A branch that is never taken: the engine derives the column's type from it, so that dates stay dates in the query around.
            return f"CASE WHEN FALSE THEN {raw} ELSE NULL END"
        case MaskKind.FIXED:
            return shown if clickhouse else f"CAST({shown} AS text)"
        case MaskKind.REDACT:
            if mask.classes:
                return redact_classes(text, mask.classes, dialect, quote_text)
            if "\\" in mask.replacement:
                # Engines differ in what a backslash in a replacement means, and ClickHouse refuses some that are escaped.
                raise unspellable("the replacement of a redaction")
            pattern = quote_text(for_re2(mask.pattern) if clickhouse else mask.pattern, dialect)
            return f"replaceRegexpAll({text}, {pattern}, {shown})" if clickhouse else f"regexp_replace({text}, {pattern}, {shown}, 'g')"
        case MaskKind.BUCKET:
            return bucket(raw, mask.width, kind, dialect)
        case MaskKind.TRUNCATE:
            cut = Cast(Truncate(Column(column), Grain(mask.unit)), kind)
            return render_sql(speller(dialect, lambda _leaf: exp.Var(this=raw), lambda _leaf: kind).spell(cut), dialect)
        case MaskKind.PARTIAL:
            return _partial(text, shown, max(mask.prefix, 0), max(mask.suffix, 0), mask.hides_whole, clickhouse)
        case MaskKind.HASH:
            secret = parameter(KEY, DataType.TEXT, dialect)
            if clickhouse:
                return f"lower(hex(SHA256(concat({secret}, SHA256(concat({secret}, {text}))))))"
            return f"encode(sha256(convert_to({secret}, 'UTF8') || sha256(convert_to({secret} || {text}, 'UTF8'))), 'hex')"
        case _:  # pragma: no cover - the type checker proves that there is no other kind
            assert_never(mask.kind)


def unspellable(what: str) -> InternalError:
    """Something of a policy or of the layer that cannot be written safely: nothing is run."""
    return InternalError(Problem("DM4091", f"{what} cannot be written as SQL", hint="an administrator must look at the policies"))


def _partial(text: str, shown: str, prefix: int, suffix: int, hidden: int, clickhouse: bool) -> str:
    left, right, length = ("leftUTF8", "rightUTF8", "lengthUTF8") if clickhouse else ("left", "right", "length")
    parts = [part for part, used in ((f"{left}({text}, {prefix})", prefix), (shown, 1), (f"{right}({text}, {suffix})", suffix)) if used]
    joined = f"concat({', '.join(parts)})" if clickhouse and len(parts) > 1 else " || ".join(parts)
    # A value no longer than what would be shown of it is not shown at all.
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN {length}({text}) > {hidden} THEN {joined} ELSE {shown} END"
