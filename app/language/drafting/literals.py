"""The values in a draft: held to the words of the question and to the values that this caller's index shows. A model adds none of its own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from app.language.inflect import fold
from app.language.lexicon import Lexicon
from app.language.numbers import SCALE_WORDS, number
from app.language.periods import find_periods
from app.language.senses import DimensionFacts
from app.language.spelling import mend_times
from app.language.text import tokens
from app.language.tongues.translate import translated
from app.model.expr import Literal
from app.model.moment import Moment
from app.model.query import TimeRange

KEPT = "@"
"""Before the number of a value of the query before, which the prompt does not tell."""
_TRUE, _FALSE = frozenset({"true", "yes"}), frozenset({"false", "no"})
_KEPT = re.compile(r"@([1-9]\d{0,3})")


class NoValueError(Exception):
    """What is wrong with a value, in words that repeat nothing of it."""


class Values:
    """Reads the values of one question's draft. `kept` are those of the query before, in the order of their numbers."""

    def __init__(self, question: str, lexicon: Lexicon, moment: Moment, kept: Sequence[Literal] = ()) -> None:
        self._question, self._lexicon, self._moment, self._kept = question, lexicon, moment, kept
        self._said = fold(question)
        self._numbers = _numbers(question)

    def value(self, facts: DimensionFacts | None, text: str) -> str | Decimal | bool:
        """The value of a dimension that a text means. Raises NoValueError."""
        earlier = self._earlier(text)
        if earlier is not None:
            return earlier
        if facts is not None and facts.is_flag:
            word = text.strip().lower()
            if word in _TRUE | _FALSE:
                return word in _TRUE
            raise NoValueError("it is true or false")
        if facts is not None and facts.values:
            found = next((known for known in facts.values if fold(known.strip()) == fold(text.strip())), None)
            if found is None:
                raise NoValueError("it is none of the dimension's values; take the question's own word for it, or cannot_answer")
            return found
        if facts is not None and facts.is_numeric:
            return self.number(_decimal(text))
        return self._word(text)

    def number(self, value: Decimal) -> Decimal:
        """A number that the question says, in digits or words. Raises NoValueError for one that it does not say."""
        if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
            raise NoValueError("it is no number that can be asked for")
        if abs(value) not in self._numbers:
            raise NoValueError("the question does not say this number")
        return value

    def period(self, phrase: str, start: str = "", end: str = "") -> TimeRange | None:
        """The range that a phrase says, else ISO dates; None for all of time. Raises NoValueError."""
        if phrase.strip():
            return self._phrase(phrase.strip())
        first, last = _date(start), _date(end)
        if first is not None and last is not None and first > last:
            raise NoValueError("its start lies after its end")
        return TimeRange(first, last) if first is not None or last is not None else None

    def _phrase(self, phrase: str) -> TimeRange | None:
        if len(phrase) > 200:
            raise NoValueError("it is too long for the words of a period")
        written = mend_times(translated(tokens(phrase), self._lexicon.words, self._lexicon.phrases), self._lexicon.words)
        found = find_periods(written, phrase, self._moment)
        if len(found) != 1 or found[0].earlier or found[0].last - found[0].first < len(written):
            raise NoValueError("these are no words of one period: say it otherwise, or by start and end")
        span = found[0].range
        return span if span.bounded else None

    def _earlier(self, text: str) -> str | Decimal | bool | None:
        """The value of the query before that a text stands for, None where it stands for none."""
        found = _KEPT.fullmatch(text.strip())
        if found is None:
            return None
        at = int(found[1]) - 1
        if at >= len(self._kept):
            raise NoValueError("the query before has no such value")
        value = self._kept[at].value
        if isinstance(value, bool | str):
            return _exact(value) if isinstance(value, str) and self._kept[at].type.is_numeric else value
        return Decimal(value or 0)

    def _word(self, text: str) -> str:
        """The value as the question writes it."""
        word = fold(text.strip())
        found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self._said) if word else None
        if found is None:
            raise NoValueError("these are no words of the question")
        if len(self._said) != len(self._question):
            return text.strip()
        return self._question[found.start() : found.end()]


def _exact(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        raise NoValueError("it is no number") from None


def _date(text: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise NoValueError("dates look like 2026-06-30") from None


def _numbers(question: str) -> frozenset[Decimal]:
    """The numbers that a question says, each also as the word behind it multiplies it."""
    found: set[Decimal] = set()
    read = tokens(question)
    for at, token in enumerate(read):
        value = number(token)
        if value is None:
            continue
        found.add(value)
        following = read[at + 1].word if at + 1 < len(read) else ""
        if following in SCALE_WORDS:
            found.add(value * SCALE_WORDS[following])
    return frozenset(found)
