"""Words written as they sound: `kwantity`, `revenew`, `filadelfia`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from jellyfish import metaphone
from rapidfuzz.distance import Indel

from app.language.inflect import stem

SHORTEST = 6
"""Letters: shorter words sound like too many others."""
_ALIKE = 0.63
"""Of so much two words of one sound share their letters, in their order: `prophet` is no profit."""
_TEXT = """
prophet prophets counsel counsels capitol capitols principle principles principal principals complement complements compliment compliments
stationary stationery canvass serial serials sealing ceiling cellar cellars weather whether leased allowed aloud patience presents presence
assistance assistants residence residents correspondence correspondents dependence dependents attendance attendants incidence incidents
instance instants adolescence guessed passed mustard mustered bolder boulder hangar hanger censor sensor cereal muscle mussel pedal peddle
symbol cymbal horde hoard manner manor lesson lessen current currant affect effect accept except cession session council councils desert
dessert
"""
HOMOPHONES = frozenset(_TEXT.split())
"""English words that sound like others that business has names for: who writes them means them."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """Words of a lexicon by a key of how English speakers say them."""

    by_key: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """Of these folded words, those that are long enough and written in Latin letters."""
        found: dict[str, set[str]] = {}
        for word in words:
            if _has_sound(word):
                found.setdefault(_key(word), set()).add(word)
        return cls({key: tuple(sorted(words)) for key, words in found.items()})

    def like(self, word: str) -> tuple[str, ...]:
        """The words that sound as `word` does and look like it, one for each stem, in the order of the alphabet."""
        if not _has_sound(word):
            return ()
        near = (one for one in self.by_key.get(_key(word), ()) if Indel.normalized_similarity(word, one) >= _ALIKE)
        return tuple({stem(one): one for one in near}.values())


def _has_sound(word: str) -> bool:
    return len(word) >= SHORTEST and word.isascii() and word.isalpha()


def _key(word: str) -> str:
    return metaphone(word.replace("qu", "kw"))
