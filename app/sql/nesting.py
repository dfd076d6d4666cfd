"""Bounds on the nesting of a text, checked on its tokens: within them the recursive parser stays far from the interpreter's limit, and reads in linear time.

It takes `date(x)` for a type with its size first, as in `numeric(10, 2)`, and then for a call, and tries a third way for `date[x]`; after an `if` that
is a name it looks for THEN. What stands there is read several times, and what stands in nested ones would be read without end.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlglot.dialects.dialect import Dialect as Grammar
from sqlglot.tokenizer_core import Token, TokenType

MAX_DEPTH = 40
"""Deepest nesting of brackets and CASE."""
MAX_CHAIN = 40
"""Longest run of prefix operators, `::` casts or subscripts, each of which is a level of the tree."""

_OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
_TRIES = {TokenType.L_PAREN: 1, TokenType.L_BRACKET: 2}
"""How often what stands in brackets after a type's name is read, as a power of two."""
_IF = frozenset({"if", "IF", "If", "iF"})
_PREFIX = frozenset({TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE})
_NOTED = _OPEN | _CLOSE | _PREFIX | {TokenType.VAR, TokenType.COMMA, TokenType.DCOLON}
"""Of all other tokens, which are the most, nothing is to be noted but how often they are read."""


def first_too_deep(tokens: Sequence[Token], reader: str, most: int, *, room: int = 1) -> Token | None:
    """The token at which the text is nested too deeply, or at which the sqlglot dialect `reader` will have read more than `most` tokens, each as often as
    it is read; None where the text is within bounds. `room` widens the bound on brackets."""
    types = _types(reader)
    depth = chain = casts = read = tries = 0
    opened: list[int] = []
    named = False
    before: TokenType | None = None
    for token in tokens:
        kind = token.token_type
        if kind not in _NOTED and not named:
            chain = 0
            read += 1 << tries
            before = kind
            if read > most:
                return token
            continue
        if named and kind is not TokenType.L_PAREN:
            tries += 1
            if opened:
                opened[-1] += 1  # up to the end of the brackets that it stands in
        named = kind is TokenType.VAR and token.text in _IF and before is not TokenType.DOT
        if kind in _OPEN:
            depth += 1
            casts = casts if kind is TokenType.L_BRACKET else 0
            opened.append(_TRIES.get(kind, 0) if before in types else 0)
            tries += opened[-1]
        elif kind in _CLOSE:
            depth -= 1
            if opened:
                tries -= opened.pop()
        elif kind is TokenType.COMMA:
            casts = 0
        if kind is TokenType.DCOLON or (kind is TokenType.L_BRACKET and before is TokenType.R_BRACKET):
            casts += 1
        chain = chain + 1 if kind in _PREFIX else 0
        read += 1 << tries
        before = kind
        if depth > MAX_DEPTH * room or chain > MAX_CHAIN or casts > MAX_CHAIN or read > most:
            return token
    return None


@cache
def _types(reader: str) -> frozenset[TokenType]:
    """What the dialect's parser takes for the name of a type."""
    return frozenset(Grammar.get_or_raise(reader).parser_class.TYPE_TOKENS)
