"""A script's text → its statements, each as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot.dialects.dialect import Dialect as Grammar
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from app.errors import Problem, UserError
from app.model.types import Dialect

_PSQL = re.compile(r"^\\\w.*$", re.MULTILINE)
_SAID = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"])*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_CLICKHOUSE = re.compile(
    r"`|\bENGINE\s*=|\bALTER\s+TABLE\s+\S+\s+(?:ON\s+CLUSTER\s+\S+\s+)?(?:UPDATE|DELETE)\b"
    r"|\b(?:Nullable|LowCardinality|Array|Map|Tuple|FixedString|DateTime64)\(|\b(?:U?Int(?:8|16|32|64|128|256)|Float(?:32|64)|String|DateTime)\b"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without what ends it, and the line on which it begins (1 for the first)."""

    text: str
    line: int


def dialect_in(script: str) -> Dialect:
    """The dialect that a script is written in, by its spellings outside of texts, names and comments: ClickHouse's engines and types, else PostgreSQL."""
    return Dialect.CLICKHOUSE if _CLICKHOUSE.search(_SAID.sub(" ", script)) else Dialect.POSTGRES


def statements(script: str, dialect: Dialect) -> tuple[Statement, ...]:
    """The statements in their order; psql's own commands (`\\connect`) are none. Raises UserError DM4003 where a quote or comment is not closed."""
    text = _PSQL.sub("", script)
    try:
        return tuple(_cut(text, dialect))
    except (SqlglotError, RecursionError) as error:
        raise UserError(Problem("DM4003", "the SQL cannot be read: a quote or comment is not closed")) from error


def _cut(text: str, dialect: Dialect) -> Iterator[Statement]:
    start, end = -1, 0
    for token in Grammar.get_or_raise(dialect.value).tokenize(text):
        if token.token_type is TokenType.SEMICOLON:
            if start >= 0:
                yield Statement(text[start:end], text.count("\n", 0, start) + 1)
            start = -1
        else:
            start, end = start if start >= 0 else token.start, token.end + 1
    if start >= 0:
        yield Statement(text[start:end], text.count("\n", 0, start) + 1)
