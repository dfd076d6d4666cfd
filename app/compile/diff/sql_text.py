"""Whether two SQL texts differ in their spelling alone: white space, comments, letter case of keywords, redundant parentheses."""

from __future__ import annotations

import re

MAX_LENGTH = 200_000
"""Characters of a text that is parsed; a longer one is compared word by word."""

QUOTED = r"""\$(\w*)\$.*?\$\1\$                          # PostgreSQL's dollar quotes
    | (?:[A-Za-z]{1,2}|[uU]&)?'(?:[^']|'')*'           # E'…' and B'…' are other strings than '…'
    | "(?:[^"]|"")*" | `[^`]*`"""
_TOKEN = re.compile(rf"\s+ | --[^\n]* | /\*.*?\*/ | {QUOTED} | \w[\w$]* | .", re.VERBOSE | re.DOTALL)
_SKIPPED = re.compile(r"\s|--|/\*(?!!)")
_UNSURE = re.compile(r"""\\["'`]|/\*(?:(?!\*/).)*/\*""", re.DOTALL)
_UNSURE_BY_DIALECT = {
    "bigquery": re.compile(r"#|'''|\"\"\""),
    "clickhouse": re.compile(r"#"),
    "mysql": re.compile(r"#|--\S"),
}
_OPEN = frozenset("'\"`")


def may_be_read_otherwise(text: str, dialect: str) -> bool:
    r"""Whether engines differ in where the strings and comments of a text end.

    A backslash before a quote escapes it or is a character (PostgreSQL, unless the string is `E'…'`); comments in comments end together or with the
    first; some dialects have `#` comments, or strings in three quotes.
    """
    own = _UNSURE_BY_DIALECT.get(dialect)
    return bool(_UNSURE.search(text) or (own and own.search(text)))


def plain_words(text: str, dialect: str) -> list[str] | None:
    """The words and signs of a statement without white space and comments; None where it is not sure what of it is a string. Letter case is kept: names
    may depend on it.

    A `-- depends_on:` comment goes with the others: it says what to build first, and nothing of the rows.
    """
    if may_be_read_otherwise(text, dialect):
        return None
    words = [token for found in _TOKEN.finditer(text) if not _SKIPPED.match(token := found[0])]
    return None if _OPEN.intersection(words) else words


def same_sql(left: str, right: str, dialect: str) -> bool:
    """Whether two compiled statements are the same but for spelling. False where one can't be read: then nobody knows."""
    words = plain_words(left, dialect)
    if left == right or (words is not None and words == plain_words(right, dialect)):
        return True
    if max(len(left), len(right)) > MAX_LENGTH:
        return False
    from sqlglot import exp, parse_one
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import SqlglotError

    try:
        known = Dialect.get_or_raise(dialect or None)
    except ValueError:
        known = Dialect.get_or_raise(None)
        if words is None:
            return False

    def plain(node: exp.Expression) -> exp.Expression:
        node.comments = None
        if isinstance(node, exp.Identifier):
            return known.normalize_identifier(node)
        while isinstance(node, exp.Paren) and isinstance(node.this, exp.Paren | exp.Column | exp.Literal):
            node = node.this
        return node

    try:
        trees = [parse_one(text, read=known) for text in (left, right)]
        if any(isinstance(node, exp.Command) for tree in trees for node in tree.walk()):
            return False
        texts = [tree.transform(plain).sql(dialect=known, comments=False) for tree in trees]
    except (SqlglotError, RecursionError, ValueError):
        return False
    return texts[0] == texts[1]
