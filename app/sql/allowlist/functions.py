"""Which functions a text calls, and whether its engine's catalogue allows them.

The judgement is on tokens of regenerated text, in which every identifier is quoted: so a bare word before a bracket is a function, a type or a word of SQL's own,
whatever node the parser made of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot.tokenizer_core import Token, TokenType

from app.model.types import Dialect
from app.sql.allowlist import clickhouse, postgres
from app.sql.allowlist.words import words

_SESSION_WORDS = words(
    "current_user session_user system_user user current_role current_catalog current_schema current_database current_schemas"
)
_QUOTED = re.compile(r"'[\w/+ -]*'")
_NAMED = frozenset({TokenType.IDENTIFIER, TokenType.STRING, TokenType.NUMBER})


def refused_call(tokens: Sequence[Token], dialect: Dialect) -> str:
    """The first name before a bracket that the engine's catalogue does not allow, or a word that calls without brackets; "" where there is none."""
    allowed = _allowed(dialect)
    previous: Token | None = None
    for token in tokens:
        if token.token_type is TokenType.L_PAREN and previous is not None and previous.token_type not in _NAMED:
            word = previous.text
            if word[:1].isalpha() or word[:1] == "_":
                name = word.lower().rsplit(maxsplit=1)[-1]
                if name not in allowed and not (dialect is Dialect.CLICKHOUSE and is_combined(name)):
                    return word
        elif token.token_type not in _NAMED and token.text.lower() in _SESSION_WORDS:
            return token.text
        previous = token
    return ""


def is_combined(name: str) -> bool:
    """Whether the name (in lower case) is a ClickHouse aggregate function with combinators, as `sumIf` and `uniqExactArrayIf` are."""
    seen = 0
    while name not in clickhouse.AGGREGATES:
        suffix = next((s for s in clickhouse.COMBINATORS if name.endswith(s)), "")
        seen += 1
        if not suffix or seen > 4:
            return False
        name = name[: -len(suffix)]
    return True


def is_table_function(name: str, dialect: Dialect) -> bool:
    """Whether the function may stand in FROM."""
    return name.lower() in (postgres if dialect is Dialect.POSTGRES else clickhouse).TABLE_FUNCTIONS


def is_type(name: str, dialect: Dialect) -> bool:
    """Whether every word of a type's spelling is one that casts may name."""
    lists = postgres if dialect is Dialect.POSTGRES else clickhouse
    words = "".join(c if c.isalnum() or c == "_" else " " for c in _QUOTED.sub(" ", name.lower())).split()
    return bool(words) and all(word.isdigit() or word in lists.TYPES for word in words)


def _allowed(dialect: Dialect) -> frozenset[str]:
    return _POSTGRES if dialect is Dialect.POSTGRES else _CLICKHOUSE


_POSTGRES = postgres.FUNCTIONS | postgres.TABLE_FUNCTIONS | postgres.SYNTAX | postgres.TYPES
_CLICKHOUSE = clickhouse.FUNCTIONS | clickhouse.TABLE_FUNCTIONS | clickhouse.SYNTAX | clickhouse.TYPES
