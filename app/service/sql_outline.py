"""SQL as the audit trail keeps it: what was asked of which tables, with every literal taken out."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot.tokenizer_core import TokenType

from app.errors import UserError
from app.model.types import Dialect
from app.pipeline.turn import Turn
from app.sql.parse import tokenize

LITERAL = "?"
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_NAME = re.compile(r"""[A-Za-z_][A-Za-z0-9_]{0,62}|"[A-Za-z_][A-Za-z0-9_]{0,62}"|`[A-Za-z_][A-Za-z0-9_]{0,62}`""")
_WORDS = re.compile(r"[A-Za-z_]+[0-9]{0,3}(\s+[A-Za-z_]+)*")
_SIGN = re.compile(r"[^\w\s'\"`$]+")
_LONGEST_KEPT = 20_000
_ROOM = 4
"""Governed SQL is longer than what it was made of."""


def sql_outline(turn: Turn) -> str:
    """The SQL that runs, or the written SQL that was refused, without literals and comments; "" where there is none, or it can't be read as SQL at all."""
    if turn.governed is not None:
        return outline(turn.governed.text, turn.governed.dialect)
    if turn.written_sql and turn.source in set(Dialect):
        return outline(turn.written_sql, Dialect(turn.source))
    return ""


def outline(text: str, dialect: Dialect) -> str:
    """The text with one blank between its tokens and `?` for each literal; "" where it has no tokens that can be told apart."""
    return _remembered(text, dialect) if len(text) <= _LONGEST_KEPT else _outline(text, dialect)


@lru_cache(maxsize=256)
def _remembered(text: str, dialect: Dialect) -> str:
    return _outline(text, dialect)


def _outline(text: str, dialect: Dialect) -> str:
    try:
        tokens = tokenize(text, dialect, _ROOM)
    except UserError:
        return ""
    return " ".join(_shown(token.token_type, text[token.start : token.end + 1]) for token in tokens)


def _shown(kind: TokenType, text: str) -> str:
    """The token as it was written, if it is a name, a word or a sign: whatever else it is may hold a value."""
    if kind in _NAMES:
        return text if _NAME.fullmatch(text) else LITERAL
    return text if "STRING" not in kind.name and (_WORDS.fullmatch(text) or _SIGN.fullmatch(text)) else LITERAL
