"""Misspelt words: the one name-word that a word surely meant, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from rapidfuzz.distance import OSA

from app.language.common import COMMON
from app.language.countries import WORDS as COUNTRIES
from app.language.inflect import root, stem
from app.language.sounds import HOMOPHONES, Sounds
from app.language.span_words import MONTHS, UNITS
from app.language.text import Token, TokenKind
from app.language.words import GRAMMAR


@dataclass(frozen=True, slots=True)
class Spelling:
    """Words of the lexicon by first letter and length, and by sound. A word is corrected where exactly one word is nearest, and near enough."""

    buckets: Mapping[tuple[str, int], tuple[str, ...]]
    sounds: Sounds

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """The speller of these folded words."""
        buckets: dict[tuple[str, int], set[str]] = {}
        known = set(words)
        for word in known:
            if len(word) >= 4 and not word.isdigit():
                for form in (word, f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"):
                    buckets.setdefault((form[0], len(form)), set()).add(form)
        return cls({key: tuple(sorted(found)) for key, found in buckets.items()}, Sounds.of(known))

    def correct(self, word: str) -> str | None:
        """The word meant by `word`, or None where it is a word of its own, too short, too far, or as near to another.

        One slip (a letter missing, doubled, swapped) from 4 letters on, a wrong letter from 6, two slips from 8; the first letter stands.
        Where none is so near, the one that sounds the same.
        """
        if not self._may_be_misspelt(word):
            return None
        most = 2 if len(word) >= 8 else 1
        best, near = most + 1, set()
        for length in range(len(word) - most, len(word) + most + 1):
            for candidate in self.buckets.get((word[0], length), ()):
                distance = OSA.distance(word, candidate, score_cutoff=best)
                if distance > best or distance > most or (len(word) < 6 and length == len(word) and sorted(word) != sorted(candidate)):
                    continue
                if distance < best:
                    best, near = distance, {candidate}
                else:
                    near.add(candidate)
        if not near:
            alike = self.sounds.like(word)
            return alike[0] if len(alike) == 1 else None
        doubled = {one for one in near if _undoubled(one) == _undoubled(word)}  # `acounts` are accounts, and no amounts
        near = doubled or near
        return min(near, key=len) if len({stem(one) for one in near}) == 1 else None

    def near(self, word: str) -> frozenset[str]:
        """The words within two slips of one of six letters or more, within one of a shorter: what is beside it tells which one is meant."""
        if not self._may_be_misspelt(word, 3):
            return frozenset()
        most = 2 if len(word) >= 6 else 1
        lengths = range(len(word) - most, len(word) + most + 1)
        return frozenset(
            one
            for length in lengths
            for one in self.buckets.get((word[0], length), ())
            if OSA.distance(word, one, score_cutoff=most) <= most
        )

    def alike(self, word: str) -> tuple[str, ...]:
        """The words that `word` sounds like, where they are several: which one is meant is to be asked."""
        found = self.sounds.like(word) if self._may_be_misspelt(word) and self.correct(word) is None else ()
        return found if len(found) > 1 else ()

    @staticmethod
    def _may_be_misspelt(word: str, shortest: int = 4) -> bool:
        return (
            len(word) >= shortest and word.isalpha() and not (word in COUNTRIES or word in COMMON or word in HOMOPHONES or word in GRAMMAR)
        )


def _undoubled(word: str) -> str:
    return "".join(letter for at, letter in enumerate(word) if not at or word[at - 1] != letter)


_GRAMMAR = (
    *(
        "yesterday",
        "monthly",
        "weekly",
        "quarterly",
        "yearly",
        "weekday",
        "weekend",
        "average",
        "total",
        "percentage",
        "percent",
        "compare",
        "compared",
    ),
    *(
        "between",
        "highest",
        "lowest",
        "excluding",
        "versus",
        "growth",
        "cumulative",
        "previous",
        "including",
        "number",
        "biggest",
        "smallest",
        "share",
    ),
)
_TIME_WORDS = Spelling.of({*(word for word in MONTHS if len(word) >= 4), *UNITS, *(f"{unit}s" for unit in UNITS), *_GRAMMAR})


_SHORT = {
    "lst": "last", "prev": "previous", "qtr": "quarter", "qtrs": "quarters", "yr": "year", "yrs": "years", "mth": "month", "mths": "months", "mnth": "month",
    "wk": "week", "wks": "weeks", "yday": "yesterday", "avrg": "average", "tot": "total", "ttl": "total", "pls": "please", "plz": "please", "btw": "between",
    "excl": "excluding", "incl": "including", "teh": "the", "adn": "and", "nad": "and", "wiht": "with", "fo": "of", "ot": "to", "frm": "from", "form": "from",
    "fro": "for", "bt": "by", "whcih": "which", "waht": "what", "hwo": "how", "mnay": "many", "mny": "many", "hw": "how",
    "mcuh": "much", "yer": "year", "tme": "time", "tmie": "time",
    "frist": "first", "payed": "paid", "wer": "were", "firs": "first", "numer": "number",
}  # fmt: skip
"""How people shorten words of time and grammar."""


def mend_times(tokens: tuple[Token, ...], names: frozenset[str]) -> tuple[Token, ...]:
    """The tokens, with misspelt words of time and grammar put right (`quater`, `febuary`, `avrage`); a word that the layer has a name for stays."""
    mended = []
    for token in tokens:
        meant = None
        if token.kind is TokenKind.WORD and not {token.stem, token.root} & names and len(token.word) < 20:
            meant = _SHORT.get(token.word) or (_TIME_WORDS.correct(token.word) if token.word not in MONTHS else None)
        mended.append(replace(token, word=meant, stem=stem(meant), root=root(meant)) if meant else token)
    return tuple(mended)
