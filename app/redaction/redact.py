"""Texts, and what holds texts, without what is personal in them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import re2

from app.redaction.cards import cards, is_card
from app.redaction.emails import emails
from app.redaction.found import Found, PiiClass
from app.redaction.ibans import ibans
from app.redaction.national_ids import national_ids
from app.redaction.phones import phones

ALL = frozenset(PiiClass)
_KINDS = (
    (PiiClass.EMAIL, emails),
    (PiiClass.IBAN, ibans),
    (PiiClass.CARD, cards),
    (PiiClass.NATIONAL_ID, national_ids),
    (PiiClass.PHONE, phones),
)
"""What wins where two overlap, the first first."""
_DIGITS = re2.compile(r"\d(?:[^\d\n]{0,3}\d){5}")
_DEEPEST = 12


def find(text: str, classes: Collection[PiiClass] = ALL) -> tuple[Found, ...]:
    """What is personal in a text, in its order; no two overlap. Takes time in proportion to the text, whatever stands in it."""
    numbers = _DIGITS.search(text) is not None
    taken: list[Found] = []
    for kind, finder in _KINDS:
        if kind in classes and (numbers or kind in (PiiClass.EMAIL, PiiClass.IBAN)):
            taken += _free(finder(text), taken)
    return tuple(sorted(taken))


def _free(found: Iterator[Found], taken: list[Found]) -> list[Found]:
    """Those that overlap nothing."""
    free: list[Found] = []
    end = 0
    held = sorted(taken)
    at = 0
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        while at < len(held) and held[at].end <= one.start:
            at += 1
        if one.start >= end and (at == len(held) or held[at].start >= one.end):
            free.append(one)
            end = one.end
    return free


def redact(text: str, classes: Collection[PiiClass] = ALL) -> str:
    """The text with a mark in place of each."""
    found = find(text, classes)
    if not found:
        return text
    parts, at = [], 0
    for one in found:
        parts += [text[at : one.start], one.kind.mark]
        at = one.end
    return "".join((*parts, text[at:]))


def is_redacted(text: str) -> bool:
    """Whether a mark stands in the text, so that it may not be what was written any more."""
    return any(kind.mark in text for kind in PiiClass)


def redact_json(text: str) -> str:
    """JSON with its texts redacted, and still JSON; one in which nothing is found is given back as it is. It is the texts that are looked at: what stands
    before a number in JSON (`\\n`) is not what stands there in the text."""
    held = json.loads(text)
    shown = redact_deep(held)
    return text if shown == held else json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def redact_deep(value: Any, depth: int = 0) -> Any:
    """A value as logs hold it, its texts redacted at any depth. A number that is a card's is one; what is no plain value becomes its text."""
    match value:
        case str():
            return redact(value)
        case bytes():
            return redact(value.decode("utf-8", "replace"))
        case bool() | float() | None:
            return value
        case int():
            return PiiClass.CARD.mark if value >= 10**12 and is_card(str(value)) else value
        case _ if depth >= _DEEPEST:
            return redact(str(value))
        case Mapping():
            return {redact_deep(key, depth + 1): redact_deep(held, depth + 1) for key, held in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redact_deep(held, depth + 1) for held in value]
        case _:
            return redact(str(value))
