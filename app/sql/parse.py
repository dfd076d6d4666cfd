"""Text to a syntax tree: exactly one statement, within bounds that keep the parser quick whatever the text holds."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Mapping

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Grammar
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from app.errors import Problem, UserError, Where
from app.model.types import Dialect
from app.sql.nesting import first_too_deep

MAX_BYTES = 100_000
"""Longest statement, in bytes of UTF-8."""
MAX_TOKENS = 20_000
"""Most tokens in a statement: parsing stays below a second. What is read again may be as many once more."""

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would log the texts that it can't read, with all that stands in them
_COUNTED: Mapping[TokenType, int] = {
    **dict.fromkeys((TokenType.SELECT, TokenType.VALUES, TokenType.UNION, TokenType.INTERSECT, TokenType.EXCEPT), 200),
    TokenType.JOIN: 60,
    TokenType.FROM: 1000,
    **dict.fromkeys((TokenType.AND, TokenType.OR, TokenType.PLUS, TokenType.DASH, TokenType.DPIPE, TokenType.STAR, TokenType.SLASH), 1000),
}
"""How often each may stand in a statement: chains of them are levels of a tree to the parser, and to an engine more work than a time limit stops.
Words like FROM FROM FROM are a recursion that a compiled sqlglot does not count: without this bound they would end the process."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ue000\ue001]")
_ESCAPED_QUOTE = re.compile(r"(?<!\\)(\\\\)*\\'")
_QUERY_STARTS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.VALUES, TokenType.L_PAREN, TokenType.TABLE})


def parse_statement(text: str, dialect: Dialect) -> exp.Expression:
    """The tree of the one statement in `text`; a `;` and comments may follow it.

    Raises UserError: DM4001 too long, DM4002 a character that SQL text never needs, DM4003 not readable, DM4004 too many tokens or too deep,
    DM4005 no statement or more than one, DM4006 a text that engines read differently, DM4010 no query. The place is given as line and column;
    the message repeats nothing but what was sent.
    """
    return parse_with_tokens(text, dialect)[0]


def parse_with_tokens(text: str, dialect: Dialect, room: int = 1) -> tuple[exp.Expression, list[Token]]:
    """As `parse_statement`, with the tokens that the tree was made from; `room` widens the bounds for text that we made of a statement within them."""
    tokens = tokenize(text, dialect, room)
    if tokens[0].token_type not in _QUERY_STARTS:
        raise UserError(
            Problem("DM4010", "only queries are allowed: SELECT, WITH, UNION, INTERSECT, EXCEPT, VALUES", where=place(tokens[0]))
        )
    _check_quotes(text, tokens, dialect)
    try:
        trees = Grammar.get_or_raise(dialect.value).parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    except ParseError as error:
        raise UserError(_unreadable(error)) from error
    except (RecursionError, SqlglotError) as error:
        raise UserError(_too_deep()) from error
    except Exception as error:
        # The parser trips over some texts with assertions and other errors of its own: for the writer they are unreadable all the same.
        raise UserError(Problem("DM4003", "the SQL cannot be read")) from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise UserError(_count())
    return trees[0], tokens


def tokenize(text: str, dialect: Dialect, room: int = 1) -> list[Token]:
    """The tokens of one statement within bounds, without what ends it. Raises as `parse_statement` does, but for DM4003 of the grammar."""
    if len(text) > MAX_BYTES * room or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES * room:
        raise UserError(Problem("DM4001", f"the SQL is longer than {MAX_BYTES:,} bytes"))
    if found := _FORBIDDEN.search(text):
        before = text[: found.start()]
        where = Where(line=before.count("\n") + 1, column=found.start() - before.rfind("\n"))
        raise UserError(Problem("DM4002", "the SQL holds a control character", where=where))
    try:
        tokens = Grammar.get_or_raise(dialect.value).tokenize(text)
    except (TokenError, RecursionError) as error:
        raise UserError(Problem("DM4003", "the SQL cannot be read: a quote or comment is not closed")) from error
    kinds = [token.token_type for token in tokens]
    if len(kinds) > MAX_TOKENS * room or _has_too_many(kinds, room):
        raise UserError(_too_deep())
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
        kinds.pop()
    if not tokens or TokenType.SEMICOLON in kinds:
        raise UserError(_count())
    if (beyond := first_too_deep(tokens, dialect.value, 2 * MAX_TOKENS * room, room=room)) is not None:
        raise UserError(_too_deep(place(beyond)))
    return tokens


def _has_too_many(kinds: list[TokenType], room: int) -> bool:
    found = Counter(kinds)
    return any(found[kind] > most * room for kind, most in _COUNTED.items())


def _check_quotes(text: str, tokens: list[Token], dialect: Dialect) -> None:
    r"""ClickHouse reads `\'` as a quote, standard SQL as the end of the text: what two readers read differently is refused."""
    if dialect is not Dialect.CLICKHOUSE:
        return
    for token in tokens:
        if token.token_type is TokenType.STRING and _ESCAPED_QUOTE.search(text[token.start + 1 : token.end]):
            raise UserError(Problem("DM4006", "a text holds a quote after a backslash", where=place(token), hint="double the quote: ''"))


def place(token: Token) -> Where:
    """Where a token starts."""
    return Where(line=token.line, column=max(token.col - len(token.text) + 1, 1))


def _count() -> Problem:
    return Problem("DM4005", "exactly one statement is expected", hint="send statements one by one")


def _too_deep(where: Where | None = None) -> Problem:
    return Problem("DM4004", "the SQL is nested too deeply or too long", where=where, hint="split it into simpler parts")


def _unreadable(error: ParseError) -> Problem:
    first = error.errors[0] if error.errors else {}
    line, column = first.get("line"), first.get("col")
    where = Where(line=int(line or 0), column=int(column or 0)) if line else None
    return Problem("DM4003", "the SQL cannot be read", where=where)
