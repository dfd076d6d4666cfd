"""Numbers, in digits and in words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from app.language.text import Token, TokenKind

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty"""
_WORDS = {word: number for number, word in enumerate(_SMALL.split())}
_WORDS |= {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "thousand": 1000,
    "dozen": 12,
    "couple": 2,
}
_SCALES = {"k": 1_000, "m": 1_000_000}
SCALE_WORDS = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "millions": 1_000_000,
    "mn": 1_000_000,
    "mio": 1_000_000,
    "billion": 1_000_000_000,
}
"""Words behind a number that multiply it."""


def number(token: Token) -> Decimal | None:
    """The number that a token stands for (`1,000`, `2.5k`, `ten`), or None."""
    if token.kind is TokenKind.WORD:
        if token.word in _WORDS:
            return Decimal(_WORDS[token.word])
        if not (token.word.isascii() and token.word.isdigit()):
            return None
    elif token.kind is not TokenKind.NUMBER:
        return None
    text = token.word.replace(",", "")
    scale = _SCALES.get(text[-1:], 1)
    try:
        return Decimal(text[:-1] if scale > 1 else text) * scale
    except InvalidOperation:
        return None


def whole(token: Token) -> int | None:
    """The whole number from 0 to 1,000,000 that a token stands for, or None."""
    value = number(token)
    return int(value) if value is not None and value == int(value) and value <= 1_000_000 else None
