"""What a model says that is asked for SQL: one statement, or that there is none; and what a statement may name before governance looks at it at all."""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec
from sqlglot import exp

from app.errors import Problem
from app.language.drafting.form import LONGEST
from app.language.drafting.schema import Schema
from app.sql.tree import nodes

SQL_SCHEMA: Schema = {
    "type": "object",
    "properties": {"sql": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "cannot_answer": {"type": "boolean"}},
    "required": ["sql", "cannot_answer"],
    "additionalProperties": False,
}
"""In the part of the language that every vendor's strict mode takes."""
_HARMLESS = frozenset({"second", "minute", "hour", "day", "week", "month", "quarter", "year", "0", "1", "100"})
"""Literals that the grammar of a calculation wants, and no row holds."""
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2}([ T]\d\d:\d\d(:\d\d(\.\d+)?)? ?([+-]\d\d(:?\d\d)?|Z|UTC)?)?)?")
"""A whole date or moment: what only begins like one is a key."""
_COMPARED = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In)
_SAME_NUMBER = (exp.Paren, exp.Neg, exp.Cast, exp.TryCast, exp.Tuple, exp.Array, exp.Any)
"""What may stand around a number that is compared with, and leaves it that number."""


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sql: str | None = None
    cannot_answer: bool | None = None


class SqlDraft(msgspec.Struct, frozen=True):
    """What a model said: a statement, that it has none (`declined`), or what is wrong with the document."""

    sql: str = ""
    declined: bool = False
    problems: tuple[Problem, ...] = ()


def read_sql(text: str) -> SqlDraft:
    """Read what a model said. Any text is read; nothing is raised."""
    try:
        if len(text.encode()) > LONGEST:
            return _wrong(f"a draft has at most {LONGEST} bytes")
        said = msgspec.json.decode(text, type=_Said)
    except msgspec.ValidationError:
        return _wrong("this is not what the schema has")
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _wrong("this is no JSON document")
    sql = (said.sql or "").strip()
    if sql and not said.cannot_answer:
        return SqlDraft(sql)
    return SqlDraft(declined=True) if said.cannot_answer and not sql else _wrong("one of `sql` and `cannot_answer` is to be set")


def stray(tree: exp.Expr, told: Collection[str], guarded: Collection[str] = ()) -> str:
    """What a statement names that it was not told of, in words that are the same whatever the name is: hidden, personal, an engine's own, or none at all.

    `told` are names in lower case; `guarded` are those that it may not even call something by, since a column of that name could pass behind it. "" where it names
    only what it was told, and what it calls so itself. It is no wall: governance is, which every statement passes behind it.
    """
    names: set[str] = set()
    own: set[str] = set()
    rows = {node.alias_or_name.lower() for node in nodes(tree) if isinstance(node, exp.Table) and (node.db or node.name.lower() in told)}
    for node in nodes(tree):
        if isinstance(node, exp.Column) and node.name.lower() in rows:
            return "a table is no value: every column is to be named"  # PostgreSQL takes its name for the whole row
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            return "`*` is for count(*) only: every column is to be named"
        if isinstance(node, exp.Identifier):
            (own if isinstance(node.parent, exp.Alias | exp.TableAlias) else names).add(node.name.lower())
    names |= own & set(guarded)
    return "" if names <= set(told) | own - set(guarded) else "a name in it is neither a listed table nor a column of one"


def holds_values(tree: exp.Expr) -> bool:
    """Whether a statement holds a literal that could be a row's."""
    return any(isinstance(node, exp.Literal) and node.name.lower() not in _HARMLESS for node in nodes(tree))


def held_values(tree: exp.Expr) -> tuple[str, ...]:
    """The literals of a statement that may be a row's: texts but dates, and numbers that something is compared with."""
    found = (node for node in nodes(tree) if isinstance(node, exp.Literal) and node.name.lower() not in _HARMLESS)
    return tuple(one.name for one in found if (not _DATE.fullmatch(one.name) if one.is_string else _is_compared(one)))


def _is_compared(number: exp.Expr) -> bool:
    node = number
    while isinstance(node.parent, _SAME_NUMBER):
        node = node.parent
    parent = node.parent
    chosen_by = isinstance(parent, exp.If) and node.arg_key == "this" and isinstance(parent.parent, exp.Case)  # CASE x WHEN 5
    return chosen_by or isinstance(parent, _COMPARED)


def _wrong(why: str) -> SqlDraft:
    return SqlDraft(problems=(Problem("DM6090", why),))
