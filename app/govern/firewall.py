"""The firewall's first pass over a tree: only known nodes with known parts, every identifier quoted as its engine reads it, literals plain.

Identifiers are rewritten so that no engine can read one otherwise than the parser did: PostgreSQL folds bare names in ASCII only, which is done here,
and a quoted name is never a keyword, a function or a system variable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial

from sqlglot import exp

from app.govern.bounds import check_bounds, has_bounds
from app.govern.problems import refuse
from app.govern.products import check_product
from app.model.types import Dialect
from app.sql.allowlist.by_kind import ByKind
from app.sql.allowlist.functions import is_type
from app.sql.allowlist.nodes import ALLOWED, BOUND, QUERIES, STRUCTURE, stray_part
from app.sql.allowlist.words import words
from app.sql.tree import WRITTEN, nodes
from app.sql.unsendable import unsendable

_Rule = Callable[[exp.Expr, Dialect], None]

MAX_COLUMNS = 500
"""Most columns that one SELECT may list."""

_REWRITTEN = frozenset({exp.Select, exp.Literal, exp.RawString, exp.National, exp.ByteString, exp.UnicodeString, exp.Join})
"""Kinds that are looked at, or rewritten, in the planner's trees too."""

_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_UNSAFE_NAME = re.compile(r"[\"`\\\x00-\x1f\x7f\ue000\ue001]")
_UNSEEN = frozenset({"Cf", "Cc", "Cn", "Co", "Zl", "Zp", "Zs"})
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?|0[xX][0-9a-fA-F]{1,16}", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*( [A-Za-z_]+)*", re.ASCII)
_HEX = frozenset("0123456789abcdefABCDEF")
_JOINS = words("left right full inner outer cross semi anti any all asof natural array global")
"""Words before JOIN."""


def inspect(tree: exp.Expression, dialect: Dialect, written: bool = True) -> exp.Expression:
    """Check every node of a tree that the caller owns, and normalize its names and texts in place; the root may be another node afterwards.
    Sizes are bounded where a person or a model wrote the statement; the planner's expressions were reviewed with the project.

    Raises UserError: DM4010 the statement is no query, DM4011 a node or DM4012 a part that is not allowed, DM4014 a type, DM4015 an argument without a
    bound, DM4016 a name that cannot be written safely, DM4019 too many columns.
    """
    while isinstance(tree, exp.Subquery) and not any(value for name, value in tree.args.items() if name != "this"):
        tree = tree.this
        tree.pop()
    if type(tree) not in QUERIES or (isinstance(tree, exp.Subquery) and isinstance(tree.this, exp.Table)):
        raise refuse("DM4010", "only queries are allowed: SELECT, WITH, UNION, INTERSECT, EXCEPT, VALUES")
    rules = _WRITTEN if written else _PLANNED
    for node in nodes(tree):
        for rule in rules[type(node)]:
            rule(node, dialect)
    return tree


def _rules(kind: type[exp.Expr], written: bool) -> tuple[_Rule, ...]:
    """What holds of the nodes of a class, in the order in which it is asked. Most classes have nothing that is to be asked of a node."""
    if kind is exp.Identifier:
        return (quote,)
    if kind in BOUND or not ALLOWED[kind]:
        return (_refuse,)
    rules: list[_Rule] = [_check_parts] if kind in STRUCTURE else []
    if written or kind in _REWRITTEN:
        rules.extend(rule for kinds, rule in _OF_KINDS if issubclass(kind, kinds))
    if written and has_bounds(kind):
        rules.append(check_bounds)
    if written and kind is exp.Select:
        rules.append(check_product)
    return tuple(rules)


def _refuse(node: exp.Expr, _dialect: Dialect) -> None:
    raise refuse("DM4011", f"`{type(node).__name__}` is not allowed in a query", node)


def _check_parts(node: exp.Expr, _dialect: Dialect) -> None:
    if part := stray_part(node):
        raise refuse("DM4012", f"`{part.strip('_').upper()}` is not allowed here", node)


def quote(identifier: exp.Expr, dialect: Dialect) -> None:
    """Make the identifier a quoted one that its engine reads as the same name. Raises UserError DM4016.

    A bare one with a space or a character that nobody sees is refused: one reader takes it for a part of the name, another for the end of it.
    """
    name = identifier.this
    if not isinstance(name, str) or not name or _UNSAFE_NAME.search(name) or len(name.encode()) > 63:
        raise refuse("DM4016", "a name is empty, longer than 63 bytes or holds a quote, a backslash or a control character", identifier)
    if not identifier.args.get("quoted"):
        if not name.isascii() and any(unicodedata.category(letter) in _UNSEEN for letter in name):
            raise refuse("DM4016", "a name holds a space or a character that cannot be seen", identifier)
        if dialect is Dialect.POSTGRES:
            identifier.args["this"] = name.translate(_FOLD)
        identifier.args["quoted"] = True


def _check_literal(node: exp.Expr, _dialect: Dialect) -> None:
    if not node.is_string and not _NUMBER.fullmatch(node.name):
        raise refuse("DM4011", "a number is not written in a way that every engine reads alike")
    _check_sendable(node.name)


def _check_sendable(text: str) -> None:
    if unsendable(text) >= 0:
        raise refuse("DM4002", "a text holds a control character")


def _check_word(node: exp.Expr, _dialect: Dialect) -> None:
    if not _WORD.fullmatch(node.name):
        raise refuse("DM4011", "a word is not one that SQL knows", node)


def _check_type(node: exp.Expr, dialect: Dialect) -> None:
    if not is_type(node.sql(dialect.value), dialect):
        raise refuse("DM4014", "a cast to this type is not allowed", node.parent)


def _check_named_type(node: exp.Expr, dialect: Dialect) -> None:
    target = node.args.get("to")
    if not isinstance(target, exp.Literal) or not is_type(target.name, dialect):
        raise refuse("DM4014", "a cast to this type is not allowed", node)


def _check_select(node: exp.Expr, _dialect: Dialect) -> None:
    if not node.expressions or len(node.expressions) > MAX_COLUMNS:
        raise refuse("DM4019", f"a SELECT lists 1 to {MAX_COLUMNS} columns")
    if node.args.get("prewhere") is not None:
        _merge_prewhere(node)


def _check_plain_text(node: exp.Expr, _dialect: Dialect) -> None:
    _replace_text(node, node.name)


def _check_escape_text(node: exp.Expr, _dialect: Dialect) -> None:
    if "\\" in node.name:
        raise refuse("DM4011", "an escape text (E'…') with backslashes is not allowed", hint="write the character itself")
    _replace_text(node, node.name)


def _check_unicode_text(node: exp.Expr, _dialect: Dialect) -> None:
    if node.args.get("escape"):
        raise refuse("DM4012", "`UESCAPE` is not allowed here")
    _replace_text(node, _unicode(node.name))


def _check_random(node: exp.Expr, dialect: Dialect) -> None:
    """The grammar writes ClickHouse's `rand`, a whole number, as `randCanonical`, a fraction."""
    if dialect is Dialect.CLICKHOUSE and str(node.meta.get(WRITTEN, "")).lower() == "rand":
        node.replace(exp.Anonymous(this="rand", expressions=[given for given in node.args.values() if isinstance(given, exp.Expr)]))


def _check_call(node: exp.Expr, _dialect: Dialect) -> None:
    if not isinstance(node.this, str) or not _WORD.fullmatch(node.this):
        raise refuse("DM4013", "a function is called by a quoted or unusual name", node, hint="write the name plainly")


def _merge_prewhere(node: exp.Expr) -> None:
    """ClickHouse's PREWHERE cannot stand on a subquery, which every table becomes; as part of WHERE it means the same."""
    conditions = [clause.this for clause in (node.args.get("prewhere"), node.args.get("where")) if clause is not None]
    node.set("prewhere", None)
    node.set("where", exp.Where(this=exp.and_(*conditions, copy=False)))


def _check_join(node: exp.Expr, _dialect: Dialect) -> None:
    for part in ("side", "kind", "method", "global_"):
        value = node.args.get(part)
        if value and str(value).lower() not in _JOINS:
            raise refuse("DM4012", "this kind of JOIN is not allowed", node)


def _replace_text(node: exp.Expr, text: str) -> None:
    _check_sendable(text)
    node.replace(exp.Literal.string(text))


def _unicode(text: str) -> str:
    r"""The text of PostgreSQL's `U&'…'`: `\XXXX`, `\+XXXXXX` and `\\`."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "\\":
            parts.append(text[at])
            at += 1
            continue
        if text[at + 1 : at + 2] == "\\":
            parts.append("\\")
            at += 2
            continue
        start, size = (at + 2, 6) if text[at + 1 : at + 2] == "+" else (at + 1, 4)
        digits = text[start : start + size]
        if len(digits) != size or not _HEX.issuperset(digits) or int(digits, 16) > 0x10FFFF or 0xD800 <= int(digits, 16) <= 0xDFFF:
            raise refuse("DM4011", "a Unicode escape is not readable")
        parts.append(chr(int(digits, 16)))
        at = start + size
    return "".join(parts)


_OF_KINDS: tuple[tuple[tuple[type[exp.Expr], ...], _Rule], ...] = (
    ((exp.Literal,), _check_literal),
    ((exp.Var,), _check_word),
    ((exp.DataType,), _check_type),
    ((exp.CastToStrType,), _check_named_type),
    ((exp.Select,), _check_select),
    ((exp.RawString, exp.National), _check_plain_text),
    ((exp.ByteString,), _check_escape_text),
    ((exp.UnicodeString,), _check_unicode_text),
    ((exp.Anonymous, exp.AnonymousAggFunc), _check_call),
    ((exp.Join,), _check_join),
    ((exp.Rand,), _check_random),
)
"""The rules that single kinds of node have."""
_WRITTEN = ByKind(partial(_rules, written=True))
_PLANNED = ByKind(partial(_rules, written=False))
