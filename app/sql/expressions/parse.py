"""Text to expressions: measure and dimension `expr`, dbt filters, and the plainer filters of our own doors."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from app.model.expr import Column, Expr, Field
from app.model.types import DatePart
from app.sql.expressions.calls import convert_call
from app.sql.expressions.convert import Converter, Known
from app.sql.expressions.fields import parse_item, split_name
from app.sql.expressions.problems import check_sendable, refuse
from app.sql.expressions.quick import quick
from app.sql.expressions.unread import blanked, comment, not_sql
from app.sql.expressions.walk import measure, replace_leaves
from app.sql.nesting import first_too_deep

LONGEST_EXPRESSION = 20_000
"""Characters of an expression, parts of its tree and tokens read for it: more are refused, since nobody wrote that by hand."""
MOST_LEVELS = 100
"""Levels of an expression's tree, of which each operator in a chain makes one: all that is done with trees descends them."""
_SHORT = 2 * MOST_LEVELS
"""Characters that are too few for a tree beyond the bounds."""

DIALECTS = {
    "postgres",
    "clickhouse",
    "redshift",
    "snowflake",
    "bigquery",
    "duckdb",
    "databricks",
    "spark",
    "trino",
    "athena",
    "tsql",
    "mysql",
    "sqlite",
}
"""The adapters whose SQL is read as their own."""
_TEXT = r"'(?:[^'\\]|\\.|'')*+(?P<end>'?)"
"""A text; one that is not closed goes on to the end, where the same is true of every quote in it: so none is looked at again."""
_QUOTED = re.compile(_TEXT + r"|\"(?:[^\"]|\"\")*+(?P<close>\"?)")
_OPENING = re.compile(r"\{\{|\{%|\{#")
_BRACES = re.compile(f"{_TEXT}|{_OPENING.pattern}")


def parse_expression(text: str, dialect: str) -> Expr:
    """A SQL expression over a model's columns, in the SQL that the manifest's adapter speaks.

    Raises UserError: DM3101 it is not SQL, DM3102 it holds something that an expression may not, DM3103 a function that is not known,
    DM3104 a wrong count of arguments, DM3105 an unknown type; each with its line and column in `text`.
    """
    found = quick(text, reader_of(dialect), items=False)
    return full_expression(text, dialect) if found is None else _bounded(found, text)


def parse_filter(text: str, dialect: str) -> Expr:
    """A dbt filter: SQL in which `{{ Dimension('customer__country') }}` and its kin stand for semantic references.

    Columns stay columns, which the planner refuses or resolves. Raises as `parse_expression`, and DM3110 for what stands in the braces.
    """
    found = quick(text, reader_of(dialect), items=True)
    return full_filter(text, dialect) if found is None else _bounded(found, text)


def full_expression(text: str, dialect: str) -> Expr:
    """`parse_expression` by the full parser, whatever the text: what the quick way is measured against."""
    return _parse(text, dialect, {})


def full_filter(text: str, dialect: str) -> Expr:
    """`parse_filter` by the full parser, whatever the text."""
    known: Known = {}
    _check_length(text)
    stem = _unused(text)
    done: list[str] = []
    at, pattern = 0, _BRACES
    while (found := pattern.search(text, at)) is not None:
        done.append(text[at : found.start()])
        if found.group().startswith("'"):
            pattern = _BRACES if found["end"] else _OPENING
            kept = found.group() if found["end"] else "'"
            done.append(kept)
            at = found.start() + len(kept)
            continue
        end = _closing(text, found.end()) if found.group() == "{{" else -1
        if found.group() == "{{" and (end < 0 or "{{" in text[found.end() : end]):
            raise refuse("DM3110", "`{{` is not closed", text=text, offset=found.start(), hint="close it with `}}`")
        if end < 0:
            raise refuse(
                "DM3110", "only `{{ … }}` around a Dimension, TimeDimension, Entity or Metric is known", text=text, offset=found.start()
            )
        name = f"{stem}{len(known)}"
        known[name] = parse_item(text[found.end() : end], whole=text, offset=found.end())
        held = text[found.start() : end + 2]
        # Padding keeps every later place in the text where the person wrote it.
        done.append(name + re.sub(r"[^\n]", " ", held[len(name) :]))
        at = end + 2
    done.append(text[at:])
    return _parse("".join(done), dialect, known, shown=text)


def parse_where(text: str, dialect: str = "postgres") -> Expr:
    """A filter as people write it at our doors: dbt's form, plain dunder names (`customer__country = 'DE'`), or both; every name is a Field.

    Raises as `parse_filter`, and DM4002 for a character that no statement may hold.
    """
    check_sendable(text)

    def named(leaf: Expr) -> Expr:
        if not isinstance(leaf, Column):
            return leaf
        name, grain, part = split_name("__".join(part for part in (leaf.table, leaf.name) if part).lower())
        return Field(name, "time_dimension" if grain or part else "dimension", (), grain, DatePart(part) if part else None)

    return replace_leaves(parse_filter(text, dialect), named)


def parse_with(text: str, dialect: str, make: Callable[[str, str, Known], Converter]) -> Expr:
    """An expression by a converter of the caller's own, made of the text, the reader's dialect and the names that stand for something else: for
    languages that have more than expressions (aggregations of other tools). Raises as `parse_expression`."""
    return _parse(text, dialect, {}, make=make)


def reader_of(dialect: str) -> str:
    """The sqlglot dialect that reads an adapter's SQL; PostgreSQL's where the adapter is not known."""
    return dialect if dialect in DIALECTS else "postgres"


def _plain(text: str, reader: str, known: Known) -> Converter:
    """The converter of our own expressions."""
    return Converter(text, reader, known, convert_call)


def _parse(text: str, dialect: str, known: Known, shown: str = "", make: Callable[[str, str, Known], Converter] = _plain) -> Expr:
    """Parse and convert; `shown` is what the person wrote, of the same length as `text`."""
    shown = shown or text
    if not text.strip():
        raise refuse("DM3101", "the expression is empty")
    _check_length(text)
    braces = blanked(text).find("{{") if "{{" in text else -1
    if braces >= 0:
        raise refuse("DM3102", "braces can't stand in an expression", text=shown, offset=braces, hint="they belong to filters")
    reader = reader_of(dialect)
    try:
        tokens = sqlglot.tokenize(text, read=reader)
        commented = next((token for token in tokens if token.comments), None)
        if commented is not None or (not tokens) or _comment_left(text):
            raise refuse("DM3102", "a comment can't stand in an expression", text=shown, offset=comment(shown))
        beyond = first_too_deep(tokens, reader, LONGEST_EXPRESSION)
        if beyond is not None:
            raise refuse("DM3101", "the expression is nested too deep", text=shown, offset=beyond.start)
        # In parentheses a word such as `commit` is a column and not the start of a statement.
        trees = _trees(f"({text}\n)", reader)
        return _bounded(_converted(trees, shown, make(shown, reader, known)), shown)
    except SqlglotError as error:
        raise not_sql(error, shown) from None
    except RecursionError:
        raise refuse("DM3101", "the expression is nested too deep", text=shown) from None


def _check_length(text: str) -> None:
    """Raises UserError DM3101 for a text that is too long."""
    if len(text) > LONGEST_EXPRESSION:
        raise refuse("DM3101", f"the expression has {len(text)} characters, at most {LONGEST_EXPRESSION} are read")


def _bounded(expr: Expr, text: str) -> Expr:
    """The expression. Raises UserError DM3101 where its tree is too deep or too large: `CASE x WHEN …` compares x with each branch."""
    if len(text) > _SHORT:
        levels, parts = measure(expr)
        if levels > MOST_LEVELS:
            raise refuse("DM3101", f"the expression is nested too deep: it has {levels} levels, at most {MOST_LEVELS} are read", text=text)
        if parts > LONGEST_EXPRESSION:
            raise refuse("DM3101", "the expression is too large: each branch of a `CASE x WHEN` compares the whole of x", text=text)
    return expr


def _trees(text: str, reader: str) -> list[exp.Expr | None]:
    """What the parser makes of the text. It trips over some malformed texts with Python's own errors, which are errors of the text all the same."""
    try:
        return sqlglot.parse(text, read=reader)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise SqlglotError(str(error)) from error


def _converted(trees: list[exp.Expr | None], shown: str, converter: Converter) -> Expr:
    """The one tree as an Expr."""
    if len(trees) != 1 or not isinstance(trees[0], exp.Paren | exp.Tuple | exp.Subquery):
        raise refuse("DM3102", "one expression is wanted, with its parentheses closed", text=shown)
    root = trees[0]
    return converter.expr(root.this if isinstance(root, exp.Paren) else root)


def _comment_left(text: str) -> bool:
    """Whether a comment starts anywhere outside of quotes: tokenizers drop some without a trace."""
    bare = _QUOTED.sub(lambda found: "''" if found["end"] or found["close"] else found[0], text)
    return "--" in bare or "/*" in bare


def _closing(text: str, start: int) -> int:
    """Where the `}}` that closes is, outside of quotes; -1 where there is none."""
    quote = ""
    for at in range(start, len(text) - 1):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "}" and text[at + 1] == "}":
            return at
    return -1


def _unused(text: str) -> str:
    """A short stem of identifiers that the text does not hold."""
    lower, number = text.lower(), 0
    while f"f{number}_" in lower:
        number += 1
    return f"f{number}_"
