"""Whether two SQL texts differ in their spelling alone: white space, comments, letter case of keywords, redundant parentheses."""

from __future__ import annotations

import re

MAX_LENGTH = 200_000
"""Characters of a text that is parsed; a longer one is compared word by word."""

_TOKEN = re.compile(
    r"""\s+                                   # white space
    | \{\#.*?\#\}                             # a comment of Jinja's
    | --[^\n]* | /\*.*?\*/                    # comments of SQL's
    | \$(\w*)\$.*?\$\1\$                    # PostgreSQL's dollar quotes
    | '(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `[^`]*`
    | \{\{ | \}\} | \{% | %\}
    | \w+ | .""",
    re.VERBOSE | re.DOTALL,
)
_SKIPPED = re.compile(r"\s|\{\#|--|/\*")


def plain_words(text: str) -> list[str]:
    """The words and signs of a text, Jinja's too, without white space and comments. Letter case is kept: names may depend on it.

    A `-- depends_on:` comment goes with the others: it says what to build first, and nothing of the rows.
    """
    return [token for found in _TOKEN.finditer(text) if not _SKIPPED.match(token := found[0])]


def same_sql(left: str, right: str, dialect: str) -> bool:
    """Whether two compiled statements are the same but for spelling. False where one can't be read: then nobody knows."""
    if plain_words(left) == plain_words(right):
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
