"""The firewall's first pass over a tree: only known nodes with known parts, every identifier quoted as its engine reads it, literals plain.

Identifiers are rewritten so that no engine can read one otherwise than the parser did: PostgreSQL folds bare names in ASCII only, which is done here,
and a quoted name is never a keyword, a function or a system variable.
"""

from __future__ import annotations

import re

from sqlglot import exp

from app.govern.bounds import check_bounds
from app.govern.problems import refuse
from app.model.types import Dialect
from app.sql.allowlist.functions import is_type
from app.sql.allowlist.nodes import BOUND, QUERIES, STRUCTURE, is_allowed, stray_part
from app.sql.tree import nodes

MAX_COLUMNS = 500
"""Most columns that one SELECT may list."""

_REWRITTEN = frozenset({exp.Select, exp.Literal, exp.RawString, exp.National, exp.ByteString, exp.UnicodeString, exp.Join})
"""Kinds that are looked at, or rewritten, in the planner's trees too."""

_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_UNSAFE_NAME = re.compile(r"[\"`\\\x00-\x1f\x7f\ue000\ue001]")
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?|0[xX][0-9a-fA-F]{1,16}", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*( [A-Za-z_]+)*", re.ASCII)
_HEX = frozenset("0123456789abcdefABCDEF")


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
    for node in list(nodes(tree)):
        if type(node) is exp.Identifier:
            quote(node, dialect)
            continue
        if type(node) in BOUND or not is_allowed(node):
            raise refuse("DM4011", f"`{type(node).__name__}` is not allowed in a query", node)
        if type(node) in STRUCTURE and (part := stray_part(node)):
            raise refuse("DM4012", f"`{part.strip('_').upper()}` is not allowed here", node)
        if written or type(node) in _REWRITTEN:
            _check(node, dialect)
        if written:
            check_bounds(node, dialect)
    return tree


def quote(identifier: exp.Identifier, dialect: Dialect) -> None:
    """Make the identifier a quoted one that its engine reads as the same name. Raises UserError DM4016."""
    name = identifier.this
    if not isinstance(name, str) or not name or _UNSAFE_NAME.search(name) or len(name.encode()) > 63:
        raise refuse("DM4016", "a name is empty, longer than 63 bytes or holds a quote, a backslash or a control character", identifier)
    if not identifier.args.get("quoted"):
        if dialect is Dialect.POSTGRES:
            identifier.args["this"] = name.translate(_FOLD)
        identifier.args["quoted"] = True


def _check(node: exp.Expr, dialect: Dialect) -> None:
    """The rules that single kinds of node have."""
    if isinstance(node, exp.Literal):
        if not node.is_string and not _NUMBER.fullmatch(node.name):
            raise refuse("DM4011", "a number is not written in a way that every engine reads alike")
        if "\ue000" in node.name or "\x00" in node.name:
            raise refuse("DM4002", "a text holds a control character")
    elif isinstance(node, exp.Var):
        if not _WORD.fullmatch(node.name):
            raise refuse("DM4011", "a word is not one that SQL knows", node)
    elif isinstance(node, exp.DataType):
        if not is_type(node.sql(dialect.value), dialect):
            raise refuse("DM4014", "a cast to this type is not allowed", node.parent)
    elif isinstance(node, exp.CastToStrType):
        target = node.args.get("to")
        if not isinstance(target, exp.Literal) or not is_type(target.name, dialect):
            raise refuse("DM4014", "a cast to this type is not allowed", node)
    elif isinstance(node, exp.Select):
        if not node.expressions or len(node.expressions) > MAX_COLUMNS:
            raise refuse("DM4019", f"a SELECT lists 1 to {MAX_COLUMNS} columns")
        if node.args.get("prewhere") is not None:
            _merge_prewhere(node)
    elif isinstance(node, exp.RawString | exp.National):
        _replace_text(node, node.name)
    elif isinstance(node, exp.ByteString):
        if "\\" in node.name:
            raise refuse("DM4011", "an escape text (E'…') with backslashes is not allowed", hint="write the character itself")
        _replace_text(node, node.name)
    elif isinstance(node, exp.UnicodeString):
        if node.args.get("escape"):
            raise refuse("DM4012", "`UESCAPE` is not allowed here")
        _replace_text(node, _unicode(node.name))
    elif isinstance(node, exp.Anonymous | exp.AnonymousAggFunc | exp.Join):
        name = node.this if not isinstance(node, exp.Join) else "join"
        if not isinstance(name, str) or not _WORD.fullmatch(name):
            raise refuse("DM4013", "a function is called by a quoted or unusual name", node, hint="write the name plainly")
        if isinstance(node, exp.Join):
            _check_join(node)


def _merge_prewhere(node: exp.Select) -> None:
    """ClickHouse's PREWHERE cannot stand on a subquery, which every table becomes; as part of WHERE it means the same."""
    conditions = [clause.this for clause in (node.args.get("prewhere"), node.args.get("where")) if clause is not None]
    node.set("prewhere", None)
    node.set("where", exp.Where(this=exp.and_(*conditions, copy=False)))


def _check_join(node: exp.Join) -> None:
    for part in ("side", "kind", "method", "global_"):
        value = node.args.get(part)
        if value and str(value).upper() not in (
            "LEFT",
            "RIGHT",
            "FULL",
            "INNER",
            "OUTER",
            "CROSS",
            "SEMI",
            "ANTI",
            "ANY",
            "ALL",
            "ASOF",
            "NATURAL",
            "ARRAY",
            "GLOBAL",
        ):
            raise refuse("DM4012", "this kind of JOIN is not allowed", node)


def _replace_text(node: exp.Expr, text: str) -> None:
    if "\x00" in text or "\ue000" in text:
        raise refuse("DM4002", "a text holds a control character")
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
