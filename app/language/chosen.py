"""A question that was asked back once, and how the person answered: read so again where the same readings are offered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from app.errors import Problem, Severity
from app.language.reading import Reading
from app.language.text import tokens
from app.model.answer import Choice, Outcome
from app.model.query import SemanticQuery, TimeRange

_SURE = 0.95
"""How sure a reading is that the person chose: as sure as one gets."""


class Chosen(NamedTuple):
    """All the readings that were offered, and the one that was taken, as `offered` tells them."""

    options: str
    reading: str


def words_of(question: str) -> str:
    """A digest of the question's words: questions that differ in case, spacing or marks at their end have the same."""
    found = [token.word for token in tokens(question)]
    while found and found[-1] in ("?", ".", "!", "…"):
        found.pop()
    return _digest(found)


def offered(queries: Sequence[SemanticQuery]) -> tuple[str, tuple[str, ...]]:
    """What tells these readings from others, and each of them: a period counts by what was said, so that `last month` is itself a month later.

    Where two are alike then, the days count too.
    """
    forms = [_undated(query).fingerprint() for query in queries]
    if len(set(forms)) < len(forms):
        forms = [query.fingerprint() for query in queries]
    return _digest(sorted(forms)), tuple(forms)


def as_chosen(reading: Reading, chosen: Chosen | None) -> Reading:
    """The reading, answered as the person answered before where it is the same question back. It says so."""
    if chosen is None or reading.outcome is not Outcome.CLARIFY or not reading.choices:
        return reading
    options, forms = offered([choice.query for choice in reading.choices])
    if options != chosen.options or chosen.reading not in forms:
        return reading
    choice = reading.choices[forms.index(chosen.reading)]
    return msgspec.structs.replace(
        reading,
        outcome=Outcome.ANSWER,
        query=choice.query,
        confidence=_SURE,
        restated=choice.text,
        choices=(),
        nearest=(),
        problems=(_said(choice),),
    )


def _said(choice: Choice) -> Problem:
    return Problem(
        "DM6063",
        f"this question has several readings; you chose “{choice.text}” before",
        Severity.NOTE,
        hint="ask it with `anew` to choose again, or forget the choice",
    )


def _undated(query: SemanticQuery) -> SemanticQuery:
    """The query without the days that stand for what was said."""
    span = query.time
    if span is None or not span.phrase:
        return query
    return msgspec.structs.replace(query, time=TimeRange(phrase=span.phrase.casefold()), as_of=None)


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
