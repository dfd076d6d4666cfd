"""Numbers of payment cards: digits of an issuer's range, in its length, with Luhn's check digit."""

from __future__ import annotations

import bisect
from collections.abc import Iterator

import re2

from app.redaction.checksums import luhn
from app.redaction.found import Found, PiiClass, is_fraction, stands_alone

_RUN = re2.compile(r"\d(?:[ -]?\d){12,}")
_SHAPES = frozenset({(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (4, 6, 5), (4, 6, 4), (6, 10), (6, 13), (8, 8)})
"""How people group the digits."""

_ISSUERS = sorted(
    [
        ("34", "34", (15,)), ("37", "37", (15,)),  # American Express
        ("300", "305", (14, 16, 19)), ("3095", "3095", (14, 16, 19)), ("36", "36", (14, 16, 19)), ("38", "39", (14, 16, 19)),  # Diners Club
        ("3528", "3589", (16, 17, 18, 19)),  # JCB
        ("4", "4", (13, 16, 19)),  # Visa
        ("51", "55", (16,)), ("2221", "2720", (16,)),  # Mastercard
        ("2200", "2204", (16, 17, 18, 19)),  # Mir
        ("6011", "6011", (16, 19)), ("644", "649", (16, 19)), ("65", "65", (16, 19)),  # Discover
        ("62", "62", (16, 17, 18, 19)), ("81", "81", (16, 17, 18, 19)),  # UnionPay
        ("5018", "5018", (13, 15, 16, 18, 19)), ("5020", "5020", (13, 15, 16, 18, 19)), ("5038", "5038", (13, 15, 16, 18, 19)),
        ("5893", "5893", (13, 15, 16, 18, 19)), ("6304", "6304", (13, 15, 16, 18, 19)), ("6759", "6759", (13, 15, 16, 18, 19)),
        ("6761", "6763", (13, 15, 16, 18, 19)),  # Maestro
        ("60", "60", (16,)), ("508", "508", (16,)), ("82", "82", (16,)),  # RuPay
        ("9792", "9792", (16,)), ("1946", "1946", (16,)),  # Troy, BankCard
    ]
)  # fmt: skip
_FIRST = [low for low, _, _ in _ISSUERS]


def cards(text: str) -> Iterator[Found]:
    """Card numbers, in one piece or grouped by spaces or dashes; not within longer numbers, words, UUIDs and decimals."""
    for run in _RUN.finditer(text):
        yield from _within(text, run.start(), run.group())


def _within(text: str, offset: int, run: str) -> Iterator[Found]:
    """Cards among numbers that only spaces or dashes part: `2024 4111 1111 1111 1111`."""
    groups = [(match.start(), match.end()) for match in _DIGITS.finditer(run)]
    first = 0
    while first < len(groups):
        for last in range(min(first + 4, len(groups) - 1), first - 1, -1):
            start, end = groups[first][0], groups[last][1]
            part = run[start:end]
            shape = tuple(to - at for at, to in groups[first : last + 1])
            if (
                (len(shape) == 1 or (shape in _SHAPES and len({char for char in part if not char.isdigit()}) == 1))
                and not _dashed(run, start, end)
                and stands_alone(text, offset + start, offset + end)
                and text[offset + start - 1 : offset + start] != "+"
                and is_card(part.replace(" ", "").replace("-", ""))
                and not is_fraction(text, offset + start, offset + end)
            ):
                yield Found(offset + start, offset + end, PiiClass.CARD)
                first = last
                break
        first += 1


_DIGITS = re2.compile(r"\d+")


def _dashed(run: str, start: int, end: int) -> bool:
    """Whether a dash ties the part to more digits: it is a piece of a UUID or of a longer code."""
    return run[start - 1 : start] == "-" or run[end : end + 1] == "-"


def is_card(digits: str) -> bool:
    """Whether digits without separators are the number of a card."""
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    for low, high, lengths in _ISSUERS[: bisect.bisect_right(_FIRST, digits)]:
        if low <= digits[: len(low)] <= high and len(digits) in lengths:
            return luhn(digits)
    return False
